"""An e-mail that was handed to a mail server whose answer never came: it may have been taken or not, so a person decides.

It is never sent again by itself. The person looks for its Message-ID in the mail server's log, or asks the relay.
"""

from django.db import transaction

from invoices.delivery.handing import in_others_hands, is_in_hand
from invoices.models import Delivery, Due
from invoices.period import Period
from relays.models import Person
from selfbilling import journal
from selfbilling.errors import Refused

_WITHOUT_ANSWER = {"state": Delivery.State.HANDING_OVER, "transport": Delivery.Transport.SMTP}


class NothingToDecide(Refused):
    """That delivery has its answer, or is in the midst of getting it."""


def unanswered(period: Period) -> list[Delivery]:
    """The month's e-mails that were handed over without an answer, oldest first; those now in hand are not among them."""
    rows = Delivery.objects.filter(invoice__period=period.first, **_WITHOUT_ANSWER).select_related("invoice").order_by("claimed_at", "pk")
    seen = list(rows)
    in_hand = in_others_hands([row.invoice_id for row in seen])
    still = set(Delivery.objects.filter(pk__in=[row.pk for row in seen], **_WITHOUT_ANSWER).values_list("pk", flat=True))
    return [row for row in seen if row.invoice_id not in in_hand and row.pk in still]


@transaction.atomic
def was_sent(*, delivery_id: int, by: Person) -> None:
    """Write down that it did arrive: it counts as sent when it was handed over. Raises NothingToDecide."""
    delivery = _to_decide(delivery_id)
    delivery.state, delivery.sent_at = Delivery.State.SENT, delivery.claimed_at
    delivery.save(update_fields=["state", "sent_at"])
    Due.objects.filter(invoice=delivery.invoice, step=Due.Step.DELIVER).delete()
    journal.record(act="unanswered e-mail found sent", subject=f"invoice:{delivery.invoice.number}", by=by, attempt=delivery.attempt)


@transaction.atomic
def send_again(*, delivery_id: int, by: Person) -> None:
    """Give this attempt up, so that the next delivering makes another one. Raises NothingToDecide."""
    delivery = _to_decide(delivery_id)
    delivery.state = Delivery.State.GIVEN_UP
    delivery.save(update_fields=["state"])
    journal.record(act="unanswered e-mail to send again", subject=f"invoice:{delivery.invoice.number}", by=by, attempt=delivery.attempt)


def _to_decide(delivery_id: int) -> Delivery:
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("invoice").get(pk=delivery_id)
    if delivery.state != Delivery.State.HANDING_OVER or delivery.transport != Delivery.Transport.SMTP:
        raise NothingToDecide(f"{delivery.invoice} is not an e-mail without an answer: there is nothing to decide")
    if is_in_hand(delivery.invoice_id):
        raise NothingToDecide(f"{delivery.invoice} is being handed over right now: look again in a minute")
    return delivery
