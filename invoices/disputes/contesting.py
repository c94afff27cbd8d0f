"""A relay contests an invoice that was made out in its name, and replies (CGI ann. II art. 242 nonies I).

A contest never edits the invoice. While it is undecided, the invoice is not accepted.
"""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from invoices.disputes import delay
from invoices.disputes.turns import take_turn
from invoices.models import Acceptance, Dispute, DisputeFile, DisputeMessage, Invoice
from invoices.period import today
from invoices.templatetags import figures
from relays.models import Person
from selfbilling import journal
from selfbilling.errors import Refused
from selfbilling.files import Checked

DAYS_TO_ANSWER = 10
"""Calendar days in which the desk answers a contest, or a reply to its question."""
UNDECIDED = (Dispute.State.OPEN, Dispute.State.ASKED)


class DelayIsOver(Refused):
    """The mandate's delay is past."""

    def __init__(self, until: dt.date | None) -> None:
        super().__init__(
            _("The time to contest this invoice ended on %(day)s. Write to support if something looks wrong to you.")
            % {"day": figures.day(until)}
        )


class AlreadyContested(Refused):
    """Another contest of it is not decided yet."""

    def __init__(self) -> None:
        super().__init__(_("This invoice is already contested. Add what you have to say to that contest."))


class AlreadyAccepted(Refused):
    """The invoice was accepted."""

    def __init__(self, on: dt.date) -> None:
        super().__init__(
            _("This invoice was accepted on %(day)s. Write to support if something looks wrong to you.") % {"day": figures.day(on)}
        )


class AlreadyGranted(Refused):
    """The relay is right already; what follows is the corrective invoice."""

    def __init__(self) -> None:
        super().__init__(_("We agreed with you on this invoice already: it is to be corrected."))


class Decided(Refused):
    """Nothing is added to a contest that was decided."""

    def __init__(self) -> None:
        super().__init__(_("This contest is decided: nothing can be added to it. Write to support if you wish to come back to it."))


@transaction.atomic
def contest(
    *, invoice_id: int, by: Person, text: str, line_id: int | None = None, claimed_quantity: int | None = None, file: Checked | None = None
) -> Dispute:
    """Open a contest; the desk answers within DAYS_TO_ANSWER. line_id: None, the whole invoice; claimed_quantity: units.

    Raises AlreadyContested, AlreadyGranted, AlreadyAccepted, DelayIsOver. Source: CGI ann. II art. 242 nonies I.
    """
    take_turn()
    invoice = Invoice.objects.get(pk=invoice_id)
    check(invoice)
    dispute = Dispute.objects.create(
        invoice=invoice,
        line=None if line_id is None else invoice.lines.get(pk=line_id),
        claimed_quantity=claimed_quantity,
        opened_by=by,
        answer_by=today() + dt.timedelta(days=DAYS_TO_ANSWER),
    )
    say(dispute, by=by, text=text, file=file, from_desk=False)
    journal.record(
        act="contested",
        subject=f"invoice:{invoice.number}",
        by=by,
        dispute=dispute.pk,
        line=dispute.line.position if dispute.line else None,
        before={"quantity": dispute.line.quantity if dispute.line else None},
        after={"quantity": claimed_quantity, "state": str(dispute.state)},
        file=file.sha256 if file else None,
    )
    return dispute


@transaction.atomic
def reply(*, dispute_id: int, by: Person, text: str, file: Checked | None = None) -> Dispute:
    """The relay adds to its contest; if the desk had asked, it is the desk's turn again. Raises Decided."""
    take_turn()
    dispute = Dispute.objects.select_related("invoice").get(pk=dispute_id)
    if dispute.state not in UNDECIDED:
        raise Decided
    before = dispute.state
    say(dispute, by=by, text=text, file=file, from_desk=False)
    if dispute.state == Dispute.State.ASKED:
        dispute.state = Dispute.State.OPEN
        dispute.answer_by = today() + dt.timedelta(days=DAYS_TO_ANSWER)
        dispute.save(update_fields=["state", "answer_by"])
    journal.record(
        act="replied to a contest",
        subject=f"invoice:{dispute.invoice.number}",
        by=by,
        dispute=dispute.pk,
        before={"state": str(before)},
        after={"state": str(dispute.state)},
        file=file.sha256 if file else None,
    )
    return dispute


def say(dispute: Dispute, *, by: Person, text: str, file: Checked | None, from_desk: bool) -> DisputeMessage:
    """Add a message to the exchange, with its file; in the transaction of the act that it belongs to."""
    message = DisputeMessage.objects.create(dispute=dispute, by=by, from_desk=from_desk, text=text.strip())
    if file is not None:
        DisputeFile.objects.create(
            message=message, name=file.name, content_type=file.content_type, size=len(file.data), sha256=file.sha256, data=file.data
        )
    return message


def check(invoice: Invoice) -> None:
    """Nothing, if it may be contested now. Raises AlreadyContested, AlreadyGranted, AlreadyAccepted, DelayIsOver."""
    states = set(Dispute.objects.filter(invoice=invoice).values_list("state", flat=True))
    if states & set(UNDECIDED):
        raise AlreadyContested
    if Dispute.State.GRANTED in states:
        raise AlreadyGranted
    accepted = Acceptance.objects.filter(invoice=invoice, fell_with=None).first()
    if accepted is not None and accepted.by_id is not None:
        raise AlreadyAccepted(accepted.accepted_on)
    if accepted is not None or not delay.is_running(invoice, today()):
        raise DelayIsOver(delay.contestable_until(invoice))
