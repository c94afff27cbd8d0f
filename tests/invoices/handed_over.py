"""Invoices handed over on a day that a test chooses, without a mail server."""

import datetime as dt

from invoices.models import Delivery, Dispute, Due, Invoice, PaperBatch
from invoices.period import PARIS


def by_email(invoice: Invoice, on: dt.date, *, attempt: int = 1) -> Delivery:
    """E-mailed at noon in Paris; nothing is due any more."""
    Due.objects.filter(invoice=invoice).delete()
    return Delivery.objects.create(
        invoice=invoice,
        channel="email",
        attempt=attempt,
        state=Delivery.State.SENT,
        transport="files",
        address=invoice.email,
        message_id=f"<{invoice.number}.{attempt}@example.org>",
        sent_at=noon(on),
    )


def on_paper(invoice: Invoice, on: dt.date, *, attempt: int = 1) -> Delivery:
    """Posted at noon in Paris, in a batch of its own."""
    Due.objects.filter(invoice=invoice).delete()
    last = PaperBatch.objects.order_by("-number").first()
    batch = PaperBatch.objects.create(period=invoice.period, number=last.number + 1 if last else 1)
    return Delivery.objects.create(invoice=invoice, channel="paper", attempt=attempt, state="sent", batch=batch, sent_at=noon(on))


def noon(day: dt.date) -> dt.datetime:
    """Noon of that day, in Paris."""
    return dt.datetime(day.year, day.month, day.day, 12, tzinfo=PARIS)


def decided(dispute: Dispute, state: Dispute.State, on: dt.date) -> None:
    """As if it had been decided on that day, by whoever opened it."""
    Dispute.objects.filter(pk=dispute.pk).update(state=state, decided_by=dispute.opened_by, decided_at=noon(on))
