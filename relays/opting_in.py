"""E-mail or paper: the relay's own, dated, revocable choice (CGI art. 289 VI; directive 2006/112 art. 232)."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from relays.identities import in_force
from relays.models import OptIn, Person, Relay
from selfbilling import journal
from selfbilling.errors import Refused


class NoAddress(Refused):
    """There is no e-mail address to send invoices to."""

    def __init__(self) -> None:
        super().__init__(_("We have no e-mail address of your shop: tell us which one to use first."))


class AnotherAddress(Refused):
    """The shop's address changed since the page was shown."""

    def __init__(self) -> None:
        super().__init__(_("The e-mail address of your shop has changed meanwhile. Look at it again before you choose."))


class AlreadyByEmail(Refused):
    """It receives its invoices by e-mail."""

    def __init__(self) -> None:
        super().__init__(_("You already receive your invoices by e-mail."))


class AlreadyOnPaper(Refused):
    """It receives its invoices on paper."""

    def __init__(self) -> None:
        super().__init__(_("You already receive your invoices by post."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """From where somebody acts, for the evidence. address: of the network; user_agent: what their browser says it is."""

    address: str
    user_agent: str


def opted_in(day: dt.date, relay_ids: Collection[int]) -> set[int]:
    """The relays whose opt-in is dated on or before that day and is not withdrawn."""
    return set(OptIn.objects.filter(relay_id__in=relay_ids, given_on__lte=day, withdrawn_on=None).values_list("relay_id", flat=True))


def address_of(relay: Relay) -> str:
    """Where its invoices go by e-mail, today; "" where it has no address."""
    identity = in_force(timezone.localdate(), [relay.pk]).get(relay.pk)
    return identity.email if identity else ""


def words_for_email(address: str) -> str:
    """What the shop says by choosing e-mail, in the language of the page."""
    return _(
        "I agree to receive the invoices that %(operator)s makes out in my name by e-mail, at %(address)s, "
        "instead of by post, from today on. I can go back to paper at any time."
    ) % {"operator": settings.OPERATOR["name"], "address": address}


def words_for_paper() -> str:
    """What the shop says by going back to paper."""
    return _("I no longer want to receive my invoices by e-mail. Send them to me by post, from today on.")


@transaction.atomic
def choose_email(*, relay_id: int, by: Person, address: str, seen: Seen) -> OptIn:
    """Invoices issued from today on go by e-mail. address: the one that was shown with words_for_email().

    Raises NoAddress, AnotherAddress, AlreadyByEmail. Source: CGI art. 289 VI.
    """
    relay = Relay.objects.select_for_update().get(pk=relay_id)
    if OptIn.objects.filter(relay=relay, withdrawn_on=None).exists():
        raise AlreadyByEmail
    current = address_of(relay)
    if not current:
        raise NoAddress
    if address != current:
        raise AnotherAddress
    given = OptIn.objects.create(
        relay=relay,
        given_on=timezone.localdate(),
        source=OptIn.Source.PORTAL,
        evidence=_evidence(words_for_email(current), by=by, seen=seen) | {"email": current},
    )
    journal.record(act="chose e-mail", subject=f"relay:{relay.code}", by=by, opt_in=given.pk, before="paper", after="email")
    return given


@transaction.atomic
def choose_paper(*, relay_id: int, by: Person, seen: Seen) -> OptIn:
    """Withdraw the consent, whoever recorded it: invoices issued from today on go by post. Raises AlreadyOnPaper."""
    relay = Relay.objects.select_for_update().get(pk=relay_id)
    given = OptIn.objects.select_for_update().filter(relay=relay, withdrawn_on=None).first()
    if given is None:
        raise AlreadyOnPaper
    given.withdrawn_on = timezone.localdate()
    given.evidence = {**given.evidence, "withdrawal": _evidence(words_for_paper(), by=by, seen=seen)}
    given.save(update_fields=["withdrawn_on", "evidence"])
    journal.record(act="chose paper", subject=f"relay:{relay.code}", by=by, opt_in=given.pk, before="email", after="paper")
    return given


def _evidence(words: str, *, by: Person, seen: Seen) -> dict[str, Any]:
    """Who said what, when, from where, in which language."""
    return {
        "words": words,
        "language": get_language(),
        "person": by.pk,
        "name": by.get_full_name(),
        "login": by.email,
        "at": timezone.now().isoformat(),
        "address": seen.address,
        "user_agent": seen.user_agent[:500],
    }
