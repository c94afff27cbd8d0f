"""The forms for getting in: django-allauth's, in our words and without grey words inside the fields."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from relays.models import Person

LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "oldpassword": _("Your password today"),
    "password1": _("New password"),
    "password2": _("The same again"),
    "code": _("Code with 6 digits, or a recovery code"),
    "name": _("Name of this key"),
    "passwordless": _("With this key alone, without a password"),
}
HINTS = {
    "password1": _("12 characters or more: a few words that you make up are easier to keep than a riddle."),
    "name": _("For example: my phone."),
    "passwordless": _("It asks for your finger, your face or its code each time."),
}


class _Plain(forms.Form):
    """Our labels and hints; nothing written inside a field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)
            field.help_text = HINTS.get(name, "")
        if "code" in self.fields:
            self.fields["code"].widget.attrs.update(inputmode="numeric", autocomplete="one-time-code", maxlength=12)


class SignIn(_Plain, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """E-mail address and password."""


class AskForReset(_Plain, account.ResetPasswordForm):  # type: ignore[misc]
    """An e-mail address."""


class ResetPassword(_Plain, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, through the link of a message."""


class ChangePassword(_Plain, account.ChangePasswordForm):  # type: ignore[misc]
    """A new password in place of the old."""


class SetPassword(_Plain, account.SetPasswordForm):  # type: ignore[misc]
    """A first password."""


class Reauthenticate(_Plain, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""


class SecondFactor(_Plain, mfa.AuthenticateForm):  # type: ignore[misc]
    """A code of the app, or a recovery code."""


class SecondFactorAgain(_Plain, mfa.ReauthenticateForm):  # type: ignore[misc]
    """The same once more."""


class ActivateApp(_Plain, ActivateTOTPForm):  # type: ignore[misc]
    """The first code that the app shows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("The 6 digits that the app shows")


class AddPasskey(_Plain, AddWebAuthnForm):  # type: ignore[misc]
    """A passkey's name, and whether it does without the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class NamePasskey(_Plain, EditWebAuthnForm):  # type: ignore[misc]
    """Another name."""


class AskForLink(forms.Form):
    """Where to send a one-time link."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class Join(forms.Form):
    """Who one is, for somebody invited who has no account yet."""

    name = forms.CharField(
        label=_("First and last name"), max_length=150, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Choose a password"),
        help_text=HINTS["password1"],
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """The password against the rules, told to nobody else's liking: beside its field."""
        cleaned = super().clean() or {}
        password = cleaned.get("password")
        if password:
            try:
                validate_password(password, Person(email=self.email, name=cleaned.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class Name(forms.ModelForm[Person]):
    """The name that invoices' correspondents read."""

    class Meta:
        model = Person
        fields = ("name",)
        labels = {"name": _("First and last name")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
