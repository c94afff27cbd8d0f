"""What became of a month: delivered, refused, unanswered, still waiting."""

from dataclasses import dataclass

from django.db.models import QuerySet

from invoices.delivery.unanswered import unanswered
from invoices.models import Delivery, Due, Invoice, Run
from invoices.period import Period
from selfbilling.counting import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The month in figures. batches: those that its paper is in; waiting: in words, with what to do."""

    emailed: int
    on_paper: int
    batches: int
    of_earlier_months: int  # in this month's batches
    folders: list[str]  # of batches, below PAPER_DIR
    refused: int
    unanswered: list[Delivery]  # a person decides on them
    waiting: list[str]


def outcome(period: Period) -> Outcome:
    """Look at a month; changes nothing."""
    deliveries = Delivery.objects.filter(invoice__period=period.first)
    sent = deliveries.filter(state=Delivery.State.SENT)
    on_paper = sent.filter(channel=Invoice.Channel.PAPER)
    in_its_batches = Delivery.objects.filter(batch__period=period.first, state=Delivery.State.SENT)
    left = unanswered(period)
    return Outcome(
        emailed=_different(sent.filter(channel=Invoice.Channel.EMAIL)),
        on_paper=_different(on_paper),
        batches=on_paper.values("batch").distinct().count(),
        of_earlier_months=_different(in_its_batches.exclude(invoice__period=period.first)),
        folders=sorted({f"{day:%Y-%m}" for day in (on_paper | in_its_batches).values_list("batch__period", flat=True)}),
        refused=deliveries.filter(channel=Invoice.Channel.EMAIL, state=Delivery.State.REFUSED).count(),
        unanswered=left,
        waiting=[*_not_archived(period), *_put_off(period, left)],
    )


def _different(deliveries: QuerySet[Delivery]) -> int:
    """How many invoices: one that was sent again is one."""
    return deliveries.values("invoice").distinct().count()


def _not_archived(period: Period) -> list[str]:
    rows = Due.objects.filter(invoice__period=period.first, step__in=Due.BEFORE_DELIVERY).count()
    if rows:
        return [f"{counted(rows, 'invoice')} of {period} not archived yet: run `issue {period}`, then this command again"]
    if Run.objects.filter(period=period.first, state=Run.State.ISSUING).exists():
        return [f"{period} is still being issued: run `issue {period}`, then this command again"]
    return []


def _put_off(period: Period, left: list[Delivery]) -> list[str]:
    rows = Due.objects.filter(invoice__period=period.first, step=Due.Step.DELIVER).exclude(
        invoice__in=[delivery.invoice_id for delivery in left]
    )
    count = rows.count()
    return [f"{counted(count, 'invoice')} of {period} not delivered yet{_first(rows)}; run the same command again"] if count else []


def _first(rows: QuerySet[Due]) -> str:
    """The first one with what hindered it."""
    row = rows.exclude(last_error="").select_related("invoice").order_by("invoice__number").first()
    return f" (first: {row.invoice.number}: {row.last_error})" if row else ""
