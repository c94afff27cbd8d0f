// Passkeys need a browser that knows them: what is about them shows only there, and a failed try says so on the page.
if (window.PublicKeyCredential) {
  document.querySelectorAll('[data-passkeys]').forEach((part) => { part.hidden = false; });
}
document.addEventListener('allauth.error', () => {
  document.querySelectorAll('[data-passkey-failed]').forEach((part) => { part.hidden = false; });
});
