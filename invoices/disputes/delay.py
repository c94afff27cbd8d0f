"""Until when an invoice may be contested: the one place that knows (CGI ann. II art. 242 nonies I; the mandate's own delay)."""

import datetime as dt

from invoices.models import Acceptance, Delivery, Dispute, Invoice
from invoices.period import today


def contestable_until(invoice: Invoice) -> dt.date | None:
    """The last day to contest, in Paris, as far as is known today; None: the mandate sets no delay. One query.

    Nothing runs out before the invoice was handed over: until then the printed day is the earliest that it can be.
    """
    return counted_from(invoice, handed_over=handed_over_on(invoice))


def counted_from(invoice: Invoice, *, handed_over: dt.date | None) -> dt.date | None:
    """The printed day, or as many days after the handing over if that is later; None: the mandate sets no delay. No query."""
    if invoice.contestable_until is None or handed_over is None:
        return invoice.contestable_until
    return max(invoice.contestable_until, handed_over + (invoice.contestable_until - invoice.issue_date))


def handed_over_on(invoice: Invoice) -> dt.date | None:
    """The day in Paris of the first delivery that reached its relay; None: not yet. One that came back does not count."""
    sent = invoice.deliveries.filter(state=Delivery.State.SENT).order_by("sent_at").first()
    return None if sent is None or sent.sent_at is None else today(sent.sent_at)


def is_running(invoice: Invoice, on: dt.date) -> bool:
    """Whether on that day the delay is not past: it never is where the mandate sets none, nor before the invoice was handed over."""
    handed_over = handed_over_on(invoice)
    until = counted_from(invoice, handed_over=handed_over)
    return until is None or handed_over is None or on <= until


def can_be_contested(invoice: Invoice, on: dt.date) -> bool:
    """Whether a contest may be opened on that day: the delay runs, nothing is undecided, granted or accepted."""
    if not is_running(invoice, on) or Acceptance.objects.filter(invoice=invoice, fell_with=None).exists():
        return False
    return not Dispute.objects.filter(invoice=invoice).exclude(state=Dispute.State.REFUSED).exists()
