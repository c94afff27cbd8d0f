"""How people get in: django-allauth with e-mail as login; a one-time link instead of a password. Nobody signs up by themselves."""

import hashlib
import logging
import time
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relays import letters
from relays.authentication import PersonBackend
from relays.letters import MailServerAway
from relays.models import Person
from selfbilling.errors import Refused

log = logging.getLogger(__name__)
LINK_MINUTES = 15
_SALT = "relays.signing_in.link"
_HOMES = {"billing": "desk:month", "support": "desk:support", "clerks": "admin:index"}
"""Where each of the desk begins."""


class LinkIsDead(Refused):
    """A sign-in link works once, for fifteen minutes, and for nobody who may not come in."""

    def __init__(self) -> None:
        super().__init__(_("This link no longer works: it is good once, and for 15 minutes. Ask for another one."))


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """What differs from allauth's defaults."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("The e-mail address or the password is wrong."),
        "incorrect_password": gettext_lazy("That is not your password."),
        "enter_current_password": gettext_lazy("That is not your password."),
        "too_many_login_attempts": gettext_lazy("Too many tries. Wait five minutes, or ask for a link by e-mail."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No: a relay's people are invited, staff are made."""
        return False

    def get_from_email(self) -> str:
        """The operator's name and address."""
        return letters.sender()

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Not within ten minutes of signing in: who one is has just been shown."""
        records = get_authentication_records(self.request, self.request.user)
        fresh = records and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        return not fresh and bool(super().is_reauthentication_required(app=app))

    def send_notification_mail(self, template_prefix: str, user: Any, context: Any = None, email: str | None = None) -> None:
        """To the address that one signs in with, though nobody confirmed it here; what was done stands without it."""
        try:
            super().send_notification_mail(template_prefix, user, context, email or user.email)
        except MailServerAway:
            log.warning("no mail server: %s was not sent to person %s", template_prefix, user.pk)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Raises MailServerAway."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            raise MailServerAway from error

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """A demo login is refused where ALLOW_DEMO is not set."""
        if user.is_demo and not settings.ALLOW_DEMO:
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """From now on it is noted when this session was last seen (relays.sessions)."""
        request.session["seen"] = int(timezone.now().timestamp())
        return super().post_login(request, user, **kwargs)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff begin at their desk, all others at home."""
        person: Any = request.user
        if person.is_staff:
            groups = set(person.groups.values_list("name", flat=True))
            for group, page in _HOMES.items():
                if group in groups or person.is_superuser:
                    return _first_of(page, "admin:index")
        return str(super().get_login_redirect_url(request))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What authenticator apps and passkeys call this site, and what we call them."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("That is not the code. Each one lasts 30 seconds: type the one shown now."),
    }

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """My passkey, My passkey 2 …"""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("My passkey") if number == 1 else _("My passkey %(number)s") % {"number": number}

    def _get_site_name(self) -> str:
        return str(settings.OPERATOR["name"])


def send_link(email: str) -> None:
    """Send that address one link to sign in with, or word that nobody has an account under it.

    Whoever asked learns nothing of which it was. Raises MailServerAway.
    """
    person = Person.objects.filter(email__iexact=email.strip()).first()
    if person is None or not PersonBackend().user_can_authenticate(person):
        letters.send("account_unknown", to=email, said={"email": email})
        return
    url = settings.SITE_URL + reverse("sign_in_by_link", args=[link_token(person)])
    letters.send("account_link", to=person.email, said={"url": url, "minutes": LINK_MINUTES})


def link_token(person: Person) -> str:
    """A token that signs that person in, once, within LINK_MINUTES."""
    return signing.dumps([person.pk, _state_of(person)], salt=_SALT)


def person_of_link(token: str) -> Person:
    """Whom that token would sign in; it is not used up by looking. Raises LinkIsDead."""
    try:
        pk, state = signing.loads(token, salt=_SALT, max_age=LINK_MINUTES * 60)
    except signing.BadSignature:
        raise LinkIsDead from None
    person = Person.objects.filter(pk=pk).first()
    if person is None or state != _state_of(person) or not PersonBackend().user_can_authenticate(person):
        raise LinkIsDead
    if cache.get(_used(token)):
        raise LinkIsDead
    return person


def use_link(token: str) -> Person:
    """The same, and the token is used up: of two who come at once, one gets in. Raises LinkIsDead."""
    person = person_of_link(token)
    if not cache.add(_used(token), True, timeout=LINK_MINUTES * 60):
        raise LinkIsDead
    return person


def _state_of(person: Person) -> str:
    """Changes with each sign-in, and with password and address: older links die with it."""
    return salted_hmac(_SALT, f"{person.pk}|{person.password}|{person.last_login}|{person.email}", algorithm="sha256").hexdigest()


def _used(token: str) -> str:
    return f"used-link:{hashlib.sha256(token.encode()).hexdigest()}"


def _first_of(*pages: str) -> str:
    """The first of these pages that there is."""
    for page in pages:
        try:
            return reverse(page)
        except NoReverseMatch:
            continue
    return "/"
