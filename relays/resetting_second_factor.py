"""Somebody lost their second factor and their recovery codes: the desk takes all of it away, and they set up another one.

Never one's own (four eyes): a superuser does it for staff and for anyone else, support for people of relays alone.
"""

import logging

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from relays import access, letters
from relays.letters import MailServerAway
from relays.models import Person
from selfbilling import journal
from selfbilling.errors import Refused
from selfbilling.limits import Limit

ACT = "second factor reset"
"""What the journal calls it; its detail has the reason."""
LIMIT = Limit(name="second-factor-resets", times=10, seconds=3600)
"""Of one member of staff: whoever sits at a screen left open does not open every account."""
_log = logging.getLogger(__name__)


class NoReason(Refused):
    """The journal says why."""

    def __init__(self) -> None:
        super().__init__(_("Say why, and how you made sure that it is them."))


class OwnFactor(Refused):
    """Whoever is at one's screen is perhaps not oneself: four eyes."""

    def __init__(self) -> None:
        super().__init__(_("You do not reset your own second key: somebody else does it."))


class NotTheirs(Refused):
    """Support answers for people of relays; staff are a superuser's."""

    def __init__(self, whom: Person) -> None:
        said = _("You cannot reset the second key of %(who)s: ask an administrator.")
        super().__init__(said % {"who": whom.get_full_name()})


class NothingToReset(Refused):
    """There is none, or somebody reset it just before."""

    def __init__(self, whom: Person) -> None:
        super().__init__(_("%(who)s has no second key: there is nothing to reset.") % {"who": whom.get_full_name()})


def kinds_of(person: Person) -> list[str]:
    """What that person's second factor consists of, one Authenticator.Type for each part."""
    return list(Authenticator.objects.filter(user=person).order_by("type", "pk").values_list("type", flat=True))


def permit(*, whom: Person, by: Person) -> None:
    """Raises OwnFactor or NotTheirs unless the one may reset the other's."""
    if whom.pk == by.pk:
        raise OwnFactor
    if by.is_active and by.is_superuser:
        return
    of_relays_alone = not (whom.is_staff or whom.is_superuser) and access.memberships_of(whom).exists()
    if not (of_relays_alone and access.is_of(by, "support")):
        raise NotTheirs(whom)


@transaction.atomic
def reset(*, person_id: int, reason: str, by: Person) -> Person:
    """Take away that person's authenticator app, passkeys and recovery codes, and end their sessions. reason: for the journal.

    Staff then go nowhere before they set up another one (relays.second_factor).
    Raises NoReason, OwnFactor, NotTheirs, NothingToReset.
    """
    if not reason.strip():
        raise NoReason
    person = Person.objects.select_for_update().get(pk=person_id)
    permit(whom=person, by=by)
    taken = kinds_of(person)
    if not taken:
        raise NothingToReset(person)
    Authenticator.objects.filter(user=person).delete()
    sessions = list(UserSession.objects.filter(user=person))
    for session in sessions:
        session.end()
    journal.record(act=ACT, subject=f"person:{person.pk}", by=by, reason=reason.strip(), taken=taken, sessions=len(sessions))
    return person


def tell(person: Person) -> bool:
    """Write to that person, in French, after the act; whether the letter was sent. The act stands without it."""
    said = {"person": person, "url": settings.SITE_URL + reverse("account_login")}
    with translation.override(settings.LANGUAGE_CODE):
        try:
            letters.send("second_factor_reset", to=person.email, said=said)
        except MailServerAway:
            _log.warning("Person %s was not told that their second factor was reset: no mail server", person.pk, exc_info=True)
            return False
    return True
