"""The desk answers a relay that did not receive an invoice, and sends it again, both or neither."""

from enum import StrEnum

from django.db import transaction

from invoices.delivery import sending_again
from invoices.models import Invoice
from relays import answering
from relays.models import Person, Request


class Again(StrEnum):
    """Whether the invoice is sent again, and how."""

    NO = "no"
    EMAIL = "email"
    PAPER = "paper"


@transaction.atomic
def answer(*, request_id: int, by: Person, text: str, again: Again = Again.NO) -> Request:
    """Answer; again is NO unless the request names an invoice of that relay.

    Raises AlreadyAnswered, and what sending_again raises; nothing is done then.
    """
    answered = answering.answer(request_id=request_id, by=by, text=text)
    if again is not Again.NO:
        invoice = Invoice.objects.get(relay=answered.relay_id, number=answered.about)
        send = sending_again.by_email if again is Again.EMAIL else sending_again.on_paper
        send(invoice_id=invoice.pk, by=by)
    return answered
