"""An e-mail that came back, entered by somebody at the desk: it reached nobody, so the invoice goes into the next paper batch.

The relay's choice of e-mail stays its own: its next invoices are e-mailed again, unless its address changes or it chooses paper.
"""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from invoices.delivery.handing import is_in_hand
from invoices.disputes import accepting
from invoices.models import Delivery, Due, Invoice
from invoices.period import today
from relays.identities import in_force
from relays.models import Person, Relay
from selfbilling import journal
from selfbilling.errors import Refused

_TOLD_FOR = dt.timedelta(days=60)


class NothingCameBack(Refused):
    """That delivery is no e-mail that was sent."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(_("The delivery of %(number)s is not an e-mail that was sent.") % {"number": delivery.invoice.number})


@transaction.atomic
def bounce(*, delivery_id: int, by: Person, reason: str) -> Delivery:
    """Write down that an e-mail came back; its invoice joins the next paper batch, unless it went on paper since.

    reason: what the returned message says. The delay to contest counts from the paper then, and a tacit
    acceptance that had counted from the e-mail falls. Raises NothingCameBack.
    """
    delivery = Delivery.objects.select_related("invoice__relay").get(pk=delivery_id)
    in_hand = is_in_hand(delivery.invoice_id)  # if not, no process begins before this transaction ends
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("invoice__relay").get(pk=delivery_id)
    if in_hand or delivery.channel != Invoice.Channel.EMAIL or delivery.state != Delivery.State.SENT:
        raise NothingCameBack(delivery)
    before = {"state": str(delivery.state), "answer": delivery.answer}
    delivery.state, delivery.answer = Delivery.State.REFUSED, reason.strip()[:500]
    delivery.save(update_fields=["state", "answer"])
    sent_on_paper = delivery.invoice.deliveries.filter(
        channel=Invoice.Channel.PAPER, state=Delivery.State.SENT, claimed_at__gt=delivery.claimed_at
    )
    if not sent_on_paper.exists():
        Due.objects.update_or_create(
            invoice=delivery.invoice,
            step=Due.Step.DELIVER,
            defaults={"channel": Invoice.Channel.PAPER, "attempts": 0, "not_before": None, "last_error": ""},
        )
    accepting.fall(delivery, by=by)
    after = {"state": str(delivery.state), "answer": delivery.answer}
    journal.record(
        act="e-mail came back, goes on paper",
        subject=f"invoice:{delivery.invoice.number}",
        by=by,
        attempt=delivery.attempt,
        before=before,
        after=after,
    )
    return delivery


def undelivered(relays: QuerySet[Relay]) -> list[Delivery]:
    """The last e-mail of each of these relays that has not taken any since, while its address is still the same; newest first.

    What the shopkeeper must know: the address does not work.
    """
    on = today()
    emails = Delivery.objects.filter(invoice__relay__in=relays.order_by(), channel=Invoice.Channel.EMAIL)
    ended = (Delivery.State.SENT, Delivery.State.REFUSED)
    last = emails.filter(state__in=ended, claimed_at__date__gt=on - _TOLD_FOR).select_related("invoice__relay")
    found = [
        one
        for one in last.order_by("invoice__relay_id", "-claimed_at").distinct("invoice__relay_id")
        if one.state == Delivery.State.REFUSED
    ]
    today_s = in_force(on, [one.invoice.relay_id for one in found])
    same = [one for one in found if one.invoice.relay_id in today_s and today_s[one.invoice.relay_id].email.lower() == one.address.lower()]
    return sorted(same, key=lambda one: one.claimed_at, reverse=True)
