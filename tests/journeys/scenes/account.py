"""Getting in and one's account: invitations, sign-in, links, passwords, the second factor, sessions."""

import datetime as dt
import hashlib
import re
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.test import Client
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from relays import inviting, people, signing_in
from relays.models import Person, Role
from tests import cast, world
from tests.journeys.looking import Look
from tests.journeys.scenes.portal import NARROW
from tests.relays.test_second_factor import code_of

NEW = "tuile abricot hameau"


def link_in_last_letter() -> str:
    """The path of the link in the letter that was sent last."""
    return str(re.findall(r"https?://[^/\s]+(/\S+)", str(mail.outbox[-1].body))[0])


def signed_in(person: Person) -> Client:
    """A browser in which that person has just shown who it is."""
    browser = cast.browser()
    browser.post("/compte/login/", {"login": person.email, "password": cast.PASSWORD})
    return browser


def an_invitation(look: Look) -> None:
    """Of somebody new, of somebody who has an account, of somebody signed in; used, withdrawn, expired."""
    shop, clerk = world.relay(**NARROW), cast.clerk()
    inviting.invite(relay=shop, email="nouveau@example.org", role=Role.OWNER, by=clerk)
    path, visitor = link_in_last_letter(), cast.browser()
    look.letters()
    look(visitor, path)
    look(visitor, path, {"name": "", "password": "123"}, status=422)
    assert visitor.post(path, {"name": "Alice N’Guyen", "password": NEW}).status_code == 302
    look(cast.browser(), path, status=410)
    look(cast.browser(), path, {}, status=409)
    zoe = cast.stranger()
    inviting.invite(relay=shop, email=zoe.email, role=Role.EMPLOYEE, by=clerk)
    path = link_in_last_letter()
    look(cast.browser(), path)
    look(cast.browser(zoe), path)
    with world.on(timezone.localdate() + dt.timedelta(days=400)):
        look(cast.browser(), path, status=410)


def signing_in_by_password(look: Look) -> None:
    """Sign in, wrongly, too often; sign out; a closed account."""
    alice, visitor = cast.owner(world.relay()), cast.browser()
    login = "/compte/login/"
    look(visitor, login)
    look(visitor, login, {}, status=422)
    for _ in range(5):
        visitor.post(login, {"login": alice.email, "password": "wrong"})
    look(visitor, login, {"login": alice.email, "password": "wrong"}, status=422)
    look(cast.browser(alice), "/compte/logout/")
    look(visitor, "/compte/inactive/")
    hammer = cast.browser()
    for n in range(30):
        hammer.post(login, {"login": f"x{n}@example.org", "password": "x"})
    look(hammer, login, {"login": "x@example.org", "password": "x"}, status=429)


def signing_in_by_link(look: Look) -> None:
    """Ask for one, wrongly; sent; opened; used twice; made up; too many."""
    alice, visitor = cast.owner(world.relay()), cast.browser()
    ask = "/compte/lien/"
    look(visitor, ask)
    look(visitor, ask, {"email": "alice at home"}, status=422)
    visitor.post(ask, {"email": "nobody@example.org"})
    visitor.post(ask, {"email": alice.email})
    look.letters()
    look(visitor, "/compte/lien/envoye/")
    path = link_in_last_letter()
    look(visitor, path)
    assert signing_in.person_of_link(path.split("/")[3]) == alice
    assert visitor.post(path).status_code == 302
    look(cast.browser(), path, status=410)
    look(cast.browser(), path, {}, status=409)
    for _ in range(3):
        cast.browser().post(ask, {"email": alice.email})
    look(cast.browser(), ask, {"email": alice.email}, status=429)


def a_forgotten_password(look: Look) -> None:
    """Reset by a link; by the link of create_staff; a link that is used up."""
    alice, visitor = cast.owner(world.relay()), cast.browser()
    reset = "/compte/password/reset/"
    look(visitor, reset)
    look(visitor, reset, {"email": "alice at home"}, status=422)
    visitor.post(reset, {"email": alice.email})
    look.letters()
    look(visitor, f"{reset}done/")
    first = link_in_last_letter()
    where = redirected(visitor, first)
    look(visitor, where)
    look(visitor, where, {"password1": "123", "password2": "124"}, status=422)
    assert visitor.post(where, {"password1": NEW, "password2": NEW}).status_code == 302
    look(cast.browser(), f"{reset}key/done/")
    look(cast.browser(), first)
    member = people.create_staff(email="ondine@example.org", group="support")
    identifier, token = people.password_link_path(member)
    newcomer = cast.browser()
    where = redirected(newcomer, f"/mot-de-passe/{identifier}/{token}/")
    look(newcomer, where)
    look(newcomer, where, {"new_password1": "123", "new_password2": "124"}, status=200)
    newcomer.post(where, {"new_password1": NEW, "new_password2": NEW})
    look(newcomer, "/mot-de-passe/choisi/")
    look(cast.browser(), f"/mot-de-passe/{identifier}/x-y/")


def redirected(browser: Client, path: str) -> str:
    """Where that leads."""
    answer: Any = browser.get(path, follow=True)
    return str(answer.redirect_chain[-1][0]) if answer.redirect_chain else path


def one_s_account(look: Look) -> None:
    """The account of a shopkeeper: password, sessions; who one is, again."""
    alice = cast.owner(world.relay())
    browser = signed_in(alice)
    signed_in(alice)
    for path in ("/compte/", "/compte/sessions/", "/compte/password/change/", "/compte/2fa/"):
        look(browser, path)
    look(browser, "/compte/password/change/", {"oldpassword": "x", "password1": "123", "password2": "124"}, status=422)
    late = cast.browser(alice)
    again = redirected(late, "/compte/2fa/totp/activate/")
    look(late, again)
    look(late, again, {"password": "wrong"}, status=422)
    new = cast.person("sans@example.org")
    new.set_unusable_password()
    new.save()
    look(cast.browser(new), "/compte/password/set/")
    look(cast.browser(new), "/compte/password/set/", {"password1": "123", "password2": "124"}, status=422)


def a_second_factor(look: Look) -> None:
    """Set up as a clerk must; asked for; recovery codes; taken away."""
    clerk = people.create_staff(email="claude@example.org", group="clerks")
    clerk.set_password(cast.PASSWORD)
    clerk.save()
    browser, two = signed_in(clerk), "/compte/2fa/"
    look(browser, two)
    page = look(browser, f"{two}totp/activate/")
    [secret] = re.findall(r'<code class="secret">(\w+)</code>', page.content.decode())
    look(browser, f"{two}totp/activate/", {"code": "000000"}, status=422)
    browser.post(f"{two}totp/activate/", {"code": code_of(secret)})
    for path in ("", "recovery-codes/", "recovery-codes/generate/", "totp/deactivate/", "webauthn/", "webauthn/add/"):
        look(browser, f"{two}{path}")
    look(browser, f"{two}webauthn/add/", {"name": "", "credential": "{}"}, status=422)
    look.letters()
    again = cast.browser()
    again.post("/compte/login/", {"login": clerk.email, "password": cast.PASSWORD})
    look(again, f"{two}authenticate/")
    look(again, f"{two}authenticate/", {"code": "000000"}, status=422)
    late = cast.browser(clerk)
    where = redirected(late, f"{two}recovery-codes/generate/")
    look(late, where)
    look(late, f"{two}reauthenticate/")
    look(late, f"{two}reauthenticate/", {"code": "000000"}, status=422)


def a_lost_second_factor(look: Look) -> None:
    """Reset by support, and by a superuser: none there, wrongly, done, one's own."""
    shop, sacha = world.relay(**NARROW), cast.browser(cast.support())
    alice = cast.owner(shop)
    page = f"/bureau/relais/{shop.code}/personnes/{alice.pk}/deux-etapes/"
    look(sacha, page)
    cast.with_second_factor(alice)
    for path in (page, f"/bureau/relais/{shop.code}/"):
        look(sacha, path)
    look(sacha, page, {}, status=422)
    assert sacha.post(page, {"reason": "Téléphone perdu, rappelée à la boutique."}).status_code == 302
    look.letters()
    boss = cast.with_second_factor(Person.objects.create_superuser("boss@example.org", cast.PASSWORD, name="Inès Boss"))
    for path in (f"{cast.support().pk}/change/", f"{cast.support().pk}/deux-etapes/", f"{boss.pk}/deux-etapes/"):
        look(cast.browser(boss), f"/admin/relays/person/{path}")


def a_credential() -> dict[str, Any]:
    """What a browser hands over as it makes a passkey for localhost (WebAuthn §7.1), without attestation."""
    es256: Any = ES256
    key = es256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    made = AttestedCredentialData.create(aaguid=Aaguid(bytes(16)), credential_id=b"1" * 32, public_key=key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(hashlib.sha256(b"localhost").digest(), flags, 0, made)
    attestation = AttestationObject.create("none", data, {})
    client = CollectedClientData.create("webauthn.create", b"challenge", "http://localhost")
    response = {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(attestation)}
    identifier = websafe_encode(made.credential_id)
    return {"id": identifier, "rawId": identifier, "type": "public-key", "response": response, "clientExtensionResults": {}}


def a_passkey(look: Look) -> None:
    """One that is there: called otherwise, taken away."""
    alice = cast.owner(world.relay())
    browser = signed_in(alice)
    data = {"name": "Mon téléphone", "credential": a_credential()}
    key = Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data=data)
    look(browser, "/compte/2fa/webauthn/reauthenticate/")
    for path in ("", "webauthn/", f"webauthn/keys/{key.pk}/edit/", f"webauthn/keys/{key.pk}/remove/"):
        look(browser, f"/compte/2fa/{path}")


SCENES = [
    an_invitation,
    signing_in_by_password,
    signing_in_by_link,
    a_forgotten_password,
    one_s_account,
    a_second_factor,
    a_passkey,
    a_lost_second_factor,
]
