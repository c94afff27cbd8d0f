"""An invoice is accepted: by its relay's own act, or tacitly, once the delay is past without a contest (242 nonies I)."""

import datetime as dt

from django.db import connection, transaction
from django.utils.translation import gettext as _

from invoices.disputes import delay
from invoices.disputes.contesting import UNDECIDED, AlreadyAccepted, AlreadyGranted
from invoices.disputes.turns import take_turn
from invoices.models import Acceptance, Delivery, Dispute, Invoice
from invoices.period import today
from relays.models import Person
from selfbilling import journal
from selfbilling.errors import Refused


class Contested(Refused):
    """A contest of it is not decided yet."""

    def __init__(self) -> None:
        super().__init__(_("You contested this invoice, and we have not decided yet: it cannot be accepted meanwhile."))


@transaction.atomic
def accept(*, invoice_id: int, by: Person) -> Acceptance:
    """The relay accepts its invoice, today. Raises AlreadyAccepted, Contested, AlreadyGranted."""
    take_turn()
    invoice = Invoice.objects.get(pk=invoice_id)
    before = Acceptance.objects.filter(invoice=invoice, fell_with=None).first()
    if before is not None:
        raise AlreadyAccepted(before.accepted_on)
    states = set(Dispute.objects.filter(invoice=invoice).values_list("state", flat=True))
    if states & set(UNDECIDED):
        raise Contested
    if Dispute.State.GRANTED in states:
        raise AlreadyGranted
    accepted = Acceptance.objects.create(invoice=invoice, accepted_on=today(), by=by)
    journal.record(
        act="accepted", subject=f"invoice:{invoice.number}", by=by, before=None, after={"accepted_on": str(accepted.accepted_on)}
    )
    return accepted


# The same rule as delay.counted_from(), for all invoices at once; after a contest that was refused, not before that day.
# A contest that stands (undecided or granted), or an invoice that was never handed over, is in the way.
_ACCEPT = """
    INSERT INTO invoices_acceptance (invoice_id, accepted_on, by_id, at)
    SELECT i.id, greatest(u.until + 1, d.refused_on), NULL, now()
    FROM invoices_invoice i
    CROSS JOIN LATERAL (
        SELECT (min(s.sent_at) AT TIME ZONE 'Europe/Paris')::date AS day
        FROM invoices_delivery s WHERE s.invoice_id = i.id AND s.state = 'sent'
    ) sent
    CROSS JOIN LATERAL (
        SELECT greatest(i.contestable_until, sent.day + (i.contestable_until - i.issue_date)) AS until
    ) u
    LEFT JOIN LATERAL (
        SELECT max((c.decided_at AT TIME ZONE 'Europe/Paris')::date) AS refused_on, bool_or(c.state <> 'refused') AS stands
        FROM invoices_dispute c WHERE c.invoice_id = i.id
    ) d ON true
    WHERE i.contestable_until < %(today)s
        AND NOT EXISTS (SELECT 1 FROM invoices_acceptance a WHERE a.invoice_id = i.id AND a.fell_with_id IS NULL)
        AND sent.day IS NOT NULL AND u.until < %(today)s AND d.stands IS NOT TRUE
    RETURNING invoice_id, accepted_on
"""


@transaction.atomic
def accept_tacitly(on: dt.date) -> int:
    """Accept each invoice whose delay was past before that day and that no contest stands against; returns how many.

    Each is accepted on the first day after its delay, or on the day on which its contest was refused, if that is later.
    On the same day again it does nothing. Source: CGI ann. II art. 242 nonies I; without a delay in the mandate, never.
    """
    take_turn()
    with connection.cursor() as cursor:
        cursor.execute(_ACCEPT, {"today": on})
        accepted: dict[int, dt.date] = dict(cursor.fetchall())
    numbers = dict(Invoice.objects.filter(pk__in=accepted).order_by("number").values_list("pk", "number"))
    details = {f"invoice:{number}": {"before": None, "after": {"accepted_on": str(accepted[pk])}} for pk, number in numbers.items()}
    journal.record_each(act="accepted tacitly", details=details)
    return len(accepted)


def fall(came_back: Delivery, *, by: Person) -> None:
    """Let the tacit acceptance fall that rested on an e-mail which turns out to have come back; in the transaction that enters it.

    Silence accepts once the delay is past, and the delay does not run before the invoice is handed over: so it runs anew
    from the delivery that arrives. It stands where it was past by another delivery too; the relay's own act always does.
    """
    take_turn()
    invoice = came_back.invoice
    silent = Acceptance.objects.filter(invoice=invoice, fell_with=None, by=None).first()
    if silent is None or not delay.is_running(invoice, silent.accepted_on):
        return
    silent.fell_with = came_back
    silent.save(update_fields=["fell_with"])
    journal.record(
        act="tacit acceptance fell",
        subject=f"invoice:{invoice.number}",
        by=by,
        before={"accepted_on": str(silent.accepted_on)},
        after=None,
        attempt=came_back.attempt,
    )
