"""A clerk decides on a mandate that waits: approve it, so that the relay may be billed from its first day, or reject it.

Never one's own entry (four eyes); never two approved mandates of a relay on one day.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relays.models import Mandate, Person
from selfbilling import journal
from selfbilling.errors import Refused


class AlreadyDecided(Refused):
    """Somebody decided on it before."""


class SamePerson(Refused):
    """Whoever entered a mandate does not decide on it."""


class Overlapping(Refused):
    """The relay has an approved mandate on one of its days."""


class NoReason(Refused):
    """A rejection says why."""


@dataclass(slots=True)
class Decided:
    """What became of many: approved, and those refused with their sentence."""

    approved: list[Mandate] = field(default_factory=list)
    refused: list[tuple[Mandate, str]] = field(default_factory=list)


@transaction.atomic
def approve(*, mandate_id: int, by: Person) -> Mandate:
    """Approve a consented mandate; the relay may be billed from its first valid day.

    Raises AlreadyDecided, SamePerson (four eyes), Overlapping. Source: CGI art. 289 I-2.
    """
    mandate = _to_decide(mandate_id, by=by)
    mandate.state = Mandate.State.APPROVED
    try:
        with transaction.atomic():
            _decide(mandate, by=by)
    except IntegrityError as error:
        if not any(isinstance(c, ExclusionConstraint) and c.name in str(error) for c in Mandate._meta.constraints):
            raise
        said = _("%(relay)s has an approved mandate on some of these days already: end that one first, or reject this one")
        raise Overlapping(said % {"relay": mandate.relay}) from error
    return mandate


def approve_each(*, mandate_ids: Collection[int], by: Person) -> Decided:
    """Approve each that may be approved, in transactions of their own; the others are left as they are, with the reason."""
    decided = Decided()
    for mandate in Mandate.objects.filter(pk__in=mandate_ids).select_related("relay").order_by("entered_at", "pk"):
        try:
            decided.approved.append(approve(mandate_id=mandate.pk, by=by))
        except Refused as refusal:
            decided.refused.append((mandate, str(refusal)))
    return decided


@transaction.atomic
def reject(*, mandate_id: int, reason: str, by: Person) -> Mandate:
    """Reject a consented mandate, with the reason. Raises NoReason, AlreadyDecided, SamePerson."""
    if not reason.strip():
        raise NoReason(_("Say why the mandate is rejected: the relay may ask."))
    mandate = _to_decide(mandate_id, by=by)
    mandate.state = Mandate.State.REJECTED
    mandate.reason = reason.strip()[:300]
    _decide(mandate, by=by)
    return mandate


def _to_decide(mandate_id: int, *, by: Person) -> Mandate:
    mandate = Mandate.objects.select_for_update(of=("self",)).select_related("relay").get(pk=mandate_id)  # lock first, look second
    if mandate.state != Mandate.State.CONSENTED:
        said = _("the mandate of %(relay)s was decided on already (%(state)s)")
        raise AlreadyDecided(said % {"relay": mandate.relay, "state": mandate.get_state_display()})
    if mandate.entered_by_id == by.pk:
        raise SamePerson(_("you entered the mandate of %(relay)s yourself: another clerk decides on it") % {"relay": mandate.relay})
    return mandate


def _decide(mandate: Mandate, *, by: Person) -> None:
    mandate.decided_by = by
    mandate.decided_at = timezone.now()
    mandate.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    journal.record(
        act=f"mandate {mandate.state}",
        subject=f"relay:{mandate.relay}",
        by=by,
        mandate=mandate.pk,
        before={"state": Mandate.State.CONSENTED.value},
        after={"state": mandate.state, "reason": mandate.reason},
    )
