"""E-mails, one by one: claimed and committed, handed over, said to be sent. Never twice by itself.

Killed between claim and answer, a Delivery stays as handing over. Written to MAIL_DIR, the message is found there or
is not, so the next call settles it. Handed to a mail server, nobody can tell: see unanswered.py.
"""

import datetime as dt
from collections.abc import Collection
from contextlib import closing

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from invoices import production
from invoices.delivery import due
from invoices.delivery.handing import alone_with, undisturbed
from invoices.delivery.message import ascii_address, compose, message_id
from invoices.delivery.transports import Answer, MailUnavailable, Outcome, Transport
from invoices.delivery.transports.folder import Folder
from invoices.delivery.transports.smtp import Smtp
from invoices.models import Delivery, Document, Due, Invoice
from selfbilling import journal
from selfbilling.errors import Unavailable

_AT_MOST = dt.timedelta(hours=1)
"""However often a message was put off, it is tried again after that."""


def open_transport() -> Transport:
    """How e-mails leave: by the mail server of the settings, or into MAIL_DIR where there is none."""
    if not settings.SMTP_HOST:
        return _folder()
    return Smtp(
        host=settings.SMTP_HOST,
        port=settings.SMTP_PORT,
        security=settings.SMTP_SECURITY,
        user=settings.SMTP_USER,
        password=settings.SMTP_PASSWORD,
    )


def _folder() -> Folder:
    return Folder(settings.MAIL_DIR)


def mail(ids: Collection[int]) -> int:
    """E-mail those of these invoices that wait for it, in runs that a person has started; returns how many were sent.

    An invoice that another process has in hand is left to it. A message that cannot go now is put off, with the reason
    in its Due; one that is refused for good goes to the next paper batch. Raises MailUnavailable if none can go.
    """
    sent = broken = 0
    with closing(open_transport()) as transport:
        for invoice_id in ids:
            with undisturbed(), alone_with(invoice_id) as alone:
                outcome = _mail_one(invoice_id, transport) if alone else None
            sent += outcome is Outcome.TAKEN
            broken = broken + 1 if outcome in {Outcome.LOST, Outcome.UNANSWERED} else 0
            if broken == 2:  # not the message's fault: before more of them are in doubt
                raise MailUnavailable(
                    "The mail server broke off twice in a row in the midst of a message. Run the same command again once it is mended."
                )
    return sent


def _mail_one(invoice_id: int, transport: Transport) -> Outcome | None:
    """Nobody else has this invoice in hand. None: nothing was to do, or the invoice cannot be read now."""
    if not due.by_email().filter(invoice_id=invoice_id).exists():
        return None
    invoice = Invoice.objects.get(pk=invoice_id)
    if _found_again(invoice):
        return Outcome.TAKEN
    planned = _planned(invoice, transport)
    try:
        sender, recipient = ascii_address(settings.MAIL_FROM), ascii_address(invoice.email)
    except UnicodeError:
        return _settle(planned, Answer(Outcome.REFUSED, "not an address that mail servers know")) if _claim(planned) else None
    try:
        message = _message(invoice, planned)
    except Unavailable as error:
        _put_off(invoice_id, str(error))
        return None
    if not _claim(planned):
        return None
    try:
        answer = transport.hand_over(message, message_id=planned.message_id, sender=sender, recipient=recipient)
    except MailUnavailable as error:
        _take_back(planned, why=str(error))
        raise
    return _settle(planned, answer)


def _found_again(invoice: Invoice) -> bool:
    """Settle what a killed process left: its message lies in MAIL_DIR, and is sent; or it does not, and was never written."""
    left = invoice.deliveries.filter(state=Delivery.State.HANDING_OVER, transport=Delivery.Transport.FILES).first()
    if left is None:
        return False
    left.invoice = invoice
    if _folder().has(left.message_id):
        _settle(left, Answer(Outcome.TAKEN, "found again by its Message-ID"))
        return True
    left.delete()
    return False


def _planned(invoice: Invoice, transport: Transport) -> Delivery:
    last = invoice.deliveries.filter(channel=Invoice.Channel.EMAIL).aggregate(attempt=Max("attempt"))["attempt"] or 0
    return Delivery(
        invoice=invoice,
        channel=Invoice.Channel.EMAIL,
        attempt=last + 1,
        transport=transport.name,
        address=invoice.email,
        message_id=message_id(invoice, attempt=last + 1),
    )


def _message(invoice: Invoice, planned: Delivery) -> bytes:
    """Raises Unavailable if the archive cannot be read."""
    document = Document.objects.filter(invoice=invoice).latest("sealed_at", "pk")
    pdf = production.original(document)
    return compose(invoice, document=document, pdf=pdf, message_id=planned.message_id, at=timezone.now())


@transaction.atomic
def _claim(planned: Delivery) -> bool:
    """Commit that it is being handed over; False if it is no longer due."""
    rows = Due.objects.select_for_update(skip_locked=True)
    wanted = rows.filter(invoice_id=planned.invoice_id, step=Due.Step.DELIVER)
    if not wanted.exclude(channel=Invoice.Channel.PAPER).exists():  # a person may have moved it to paper meanwhile
        return False
    planned.save(force_insert=True)
    return True


@transaction.atomic
def _settle(delivery: Delivery, answer: Answer) -> Outcome:
    """Write down what became of it. An unanswered one stays as it is: handing over."""
    subject = f"invoice:{delivery.invoice.number}"
    delivery.answer = answer.text[:500]
    if answer.outcome in {Outcome.LATER, Outcome.LOST}:
        delivery.delete()
        _put_off(delivery.invoice_id, answer.text)
        return answer.outcome
    if answer.outcome is Outcome.TAKEN:
        delivery.state, delivery.sent_at = Delivery.State.SENT, timezone.now()
        Due.objects.filter(invoice_id=delivery.invoice_id, step=Due.Step.DELIVER).delete()
        journal.record(act="e-mailed", subject=subject, attempt=delivery.attempt)
    elif answer.outcome is Outcome.REFUSED:
        delivery.state = Delivery.State.REFUSED
        Due.objects.filter(invoice_id=delivery.invoice_id, step=Due.Step.DELIVER).update(channel=Invoice.Channel.PAPER)
        journal.record(act="e-mail refused, goes on paper", subject=subject, attempt=delivery.attempt)
    delivery.save(update_fields=["state", "sent_at", "answer"])
    return answer.outcome


@transaction.atomic
def _take_back(delivery: Delivery, *, why: str) -> None:
    """Nothing was handed over: as if it had not been claimed, but for the reason."""
    delivery.delete()
    Due.objects.filter(invoice_id=delivery.invoice_id, step=Due.Step.DELIVER).update(last_error=why)


def _put_off(invoice_id: int, why: str) -> None:
    """Later, after 2, 4, 8 … minutes: a mail server that says "not now" often means minutes (greylisting)."""
    with transaction.atomic():
        row = Due.objects.select_for_update().filter(invoice_id=invoice_id, step=Due.Step.DELIVER).first()
        if row is not None:
            row.attempts += 1
            row.last_error = why
            row.not_before = timezone.now() + min(dt.timedelta(minutes=2 ** min(row.attempts, 10)), _AT_MOST)
            row.save(update_fields=["attempts", "last_error", "not_before"])
