"""The desk answers a contest: says something, asks, grants it or refuses it with its reasons.

A granted one is corrected by the relay itself: the mandate of a self-biller does not reach corrective invoices, "le
mandant émettra" (CGI ann. II art. 242 nonies I; RES 2006/10). So no deed here makes out an invoice.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from invoices.disputes.contesting import UNDECIDED, say
from invoices.disputes.turns import take_turn
from invoices.models import Dispute
from relays.models import Person
from selfbilling import journal
from selfbilling.errors import Refused
from selfbilling.files import Checked


class AlreadyDecided(Refused):
    """Somebody decided before."""

    def __init__(self, dispute: Dispute) -> None:
        who = dispute.decided_by.get_full_name() if dispute.decided_by else ""
        super().__init__(_("This contest was decided before, by %(who)s: your message was not sent.") % {"who": who})


@transaction.atomic
def answer(*, dispute_id: int, by: Person, text: str, file: Checked | None = None) -> Dispute:
    """Say something that decides nothing and asks nothing. Raises AlreadyDecided."""
    dispute = _undecided(dispute_id)
    return _said(dispute, act="answered a contest", by=by, text=text, file=file, state=Dispute.State(dispute.state))


@transaction.atomic
def ask(*, dispute_id: int, by: Person, text: str, file: Checked | None = None) -> Dispute:
    """Ask the relay; it is its turn then. Raises AlreadyDecided."""
    return _said(_undecided(dispute_id), act="asked about a contest", by=by, text=text, file=file, state=Dispute.State.ASKED)


@transaction.atomic
def grant(*, dispute_id: int, by: Person, text: str, file: Checked | None = None) -> Dispute:
    """The relay is right: it issues the corrective invoice, in a series of its own. Raises AlreadyDecided."""
    return _said(_undecided(dispute_id), act="granted a contest", by=by, text=text, file=file, state=Dispute.State.GRANTED)


@transaction.atomic
def refuse(*, dispute_id: int, by: Person, text: str, file: Checked | None = None) -> Dispute:
    """The invoice stands, for the reasons in text. Once the delay is past, it is accepted. Raises AlreadyDecided."""
    return _said(_undecided(dispute_id), act="refused a contest", by=by, text=text, file=file, state=Dispute.State.REFUSED)


def _undecided(dispute_id: int) -> Dispute:
    take_turn()
    dispute = Dispute.objects.select_related("invoice__relay", "decided_by", "opened_by").get(pk=dispute_id)
    if dispute.state not in UNDECIDED:
        raise AlreadyDecided(dispute)
    return dispute


def _said(dispute: Dispute, *, act: str, by: Person, text: str, file: Checked | None, state: Dispute.State) -> Dispute:
    before = dispute.state
    say(dispute, by=by, text=text, file=file, from_desk=True)
    dispute.state = state
    if state not in UNDECIDED:
        dispute.decided_by, dispute.decided_at = by, timezone.now()
    dispute.save(update_fields=["state", "decided_by", "decided_at"])
    journal.record(
        act=act,
        subject=f"invoice:{dispute.invoice.number}",
        by=by,
        dispute=dispute.pk,
        before={"state": str(before)},
        after={"state": str(state)},
        file=file.sha256 if file else None,
    )
    return dispute
