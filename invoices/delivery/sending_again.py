"""The same sealed file once more: by e-mail, or in the next paper batch. An invoice that still waits may be moved to paper."""

from django.db import transaction
from django.utils.translation import gettext as _

from invoices.delivery.handing import is_in_hand
from invoices.models import Delivery, Due, Invoice
from invoices.period import today
from relays.models import Person
from relays.opting_in import opted_in
from selfbilling import journal
from selfbilling.errors import Refused


class InHand(Refused):
    """It is being handed over, or an e-mail of it has no answer yet."""

    def __init__(self, invoice: Invoice) -> None:
        super().__init__(
            _("%(number)s is being handed over, or an e-mail of it has no answer yet. Look again in a few minutes.")
            % {"number": invoice.number}
        )


class OnItsWay(Refused):
    """It waits to be delivered."""

    def __init__(self, invoice: Invoice) -> None:
        super().__init__(_("%(number)s already waits to be delivered.") % {"number": invoice.number})


class NotReady(Refused):
    """It is not in the archive yet."""

    def __init__(self, invoice: Invoice) -> None:
        super().__init__(_("%(number)s is not sealed and archived yet.") % {"number": invoice.number})


class EmailIsTheirs(Refused):
    """The relay did not choose e-mail (CGI art. 289 VI: the recipient accepts electronic form)."""

    def __init__(self, invoice: Invoice) -> None:
        super().__init__(
            _("%(number)s cannot go by e-mail: the relay chose paper, and only the relay may choose e-mail.") % {"number": invoice.number}
        )


@transaction.atomic
def by_email(*, invoice_id: int, by: Person) -> None:
    """E-mail the same file again, to the address that stands on the invoice: another attempt, another Message-ID.

    Raises EmailIsTheirs, InHand, OnItsWay, NotReady.
    """
    invoice = _in_nobodys_hand(invoice_id)
    if invoice.channel != Invoice.Channel.EMAIL or invoice.relay_id not in opted_in(today(), [invoice.relay_id]):
        raise EmailIsTheirs(invoice)
    if _due(invoice) is not None:
        raise OnItsWay(invoice)
    _again(invoice, channel=Invoice.Channel.EMAIL, by=by)


@transaction.atomic
def on_paper(*, invoice_id: int, by: Person) -> None:
    """Put the invoice into the next paper batch, again or instead of the e-mail that it waits for; this one only.

    Raises InHand, OnItsWay, NotReady.
    """
    invoice = _in_nobodys_hand(invoice_id)
    waiting = _due(invoice)
    if waiting is None:
        _again(invoice, channel=Invoice.Channel.PAPER, by=by)
        return
    before = waiting.channel or invoice.channel
    if before == Invoice.Channel.PAPER:
        raise OnItsWay(invoice)
    waiting.channel, waiting.attempts, waiting.not_before, waiting.last_error = Invoice.Channel.PAPER, 0, None, ""
    waiting.save(update_fields=["channel", "attempts", "not_before", "last_error"])
    after = {"channel": str(waiting.channel)}
    journal.record(act="moved to paper", subject=f"invoice:{invoice.number}", by=by, before={"channel": str(before)}, after=after)


def _in_nobodys_hand(invoice_id: int) -> Invoice:
    invoice = Invoice.objects.select_related("relay").get(pk=invoice_id)
    in_hand = is_in_hand(invoice_id)  # if not, no process begins before this transaction ends
    if in_hand or invoice.deliveries.filter(state=Delivery.State.HANDING_OVER).exists():
        raise InHand(invoice)
    return invoice


def _due(invoice: Invoice) -> Due | None:
    """What waits to be delivered, locked. Raises NotReady where it is not archived yet."""
    rows = list(Due.objects.select_for_update().filter(invoice=invoice))
    if any(row.step != Due.Step.DELIVER for row in rows):
        raise NotReady(invoice)
    return rows[0] if rows else None


def _again(invoice: Invoice, *, channel: Invoice.Channel, by: Person) -> None:
    last = invoice.deliveries.order_by("-claimed_at").first()
    Due.objects.create(invoice=invoice, step=Due.Step.DELIVER, channel=channel)
    journal.record(
        act="to be sent again",
        subject=f"invoice:{invoice.number}",
        by=by,
        before={"channel": last.channel, "state": last.state} if last else None,
        after={"channel": str(channel)},
    )
