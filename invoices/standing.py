"""Where a month stands: its state, counts by step, what waits and why, and the next command."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Sum

from invoices import issuing
from invoices.models import Activity, Adjustment, Delivery, Document, Due, Invoice, Run
from invoices.period import Period, today
from invoices.register import held_now

OPEN = (Run.State.DRAFTED, Run.State.APPROVED, Run.State.ISSUING)


@dataclass(slots=True)
class Standing:
    """The month in figures. state: in words. Amounts in EUR."""

    period: Period
    state: str
    next_command: str
    drafts: int = 0
    invoices: int = 0
    net: Decimal = Decimal("0.00")
    gross: Decimal = Decimal("0.00")
    sealed: int = 0
    to_timestamp: int = 0  # sealed, but not at the level yet that was asked for
    archived: int = 0
    sent: int = 0  # by e-mail
    on_paper: int = 0
    held: dict[str, int] = field(default_factory=dict)  # by reason
    waiting: list[str] = field(default_factory=list)  # what waits and why, a sentence each


def standing(period: Period) -> Standing:
    """Look at a month; changes nothing."""
    run = Run.objects.filter(period=period.first, state__in=OPEN).first()
    invoices = Invoice.objects.filter(period=period.first)
    totals = invoices.aggregate(count=Count("pk"), net=Sum("net"), gross=Sum("gross"))
    state, command = _state(period, run, issued=totals["count"])
    found = Standing(period, state, command, invoices=totals["count"])
    if run is not None:
        found.drafts = issuing.left(run)
    found.net = totals["net"] or found.net
    found.gross = totals["gross"] or found.gross
    found.sealed = Document.objects.filter(invoice__period=period.first, renews=None).count()
    found.archived = Document.objects.filter(invoice__period=period.first, renews=None, unshelved=None).count()
    found.to_timestamp = Due.objects.filter(invoice__period=period.first, step=Due.Step.TIMESTAMP).count()
    deliveries = Delivery.objects.filter(invoice__period=period.first, state=Delivery.State.SENT)
    found.sent = deliveries.filter(channel="email").values("invoice").distinct().count()
    found.on_paper = deliveries.filter(channel="paper").values("invoice").distinct().count()
    for held in held_now(period):
        found.held[held.reason] = found.held.get(held.reason, 0) + 1
    found.waiting = _waiting(period)
    return found


def _state(period: Period, run: Run | None, *, issued: int) -> tuple[str, str]:
    if run is not None:
        by_state = {
            Run.State.DRAFTED: ("drafted, to approve", f"approve {period} --by EMAIL"),
            Run.State.APPROVED: ("approved, to issue", f"issue {period}"),
            Run.State.ISSUING: (f"being issued, dated {run.issue_date}", f"issue {period}"),
        }
        return by_state[Run.State(run.state)]
    if issued:
        steps = set(Due.objects.filter(invoice__period=period.first).values_list("step", flat=True))
        if steps & set(Due.BEFORE_DELIVERY):
            return "issued, to seal and archive", f"issue {period}"
        if Due.Step.DELIVER in steps:
            return "issued and archived, to deliver", f"deliver {period}"
        return "issued, archived and delivered", f"export_run {period} DIR"
    if today() <= period.last:
        return "not over", f"bill {period} --by EMAIL, from the first of the next month on"
    inputs = (
        Activity.objects.filter(day__range=(period.first, period.last)),
        Adjustment.objects.filter(day__range=(period.first, period.last)),
    )
    if any(rows.exists() for rows in inputs):
        return "to bill", f"bill {period} --by EMAIL"
    return "no activity", "import_activity FILE"


def _waiting(period: Period) -> list[str]:
    rows = (
        Due.objects.filter(invoice__period=period.first)
        .values("step", "last_error")
        .annotate(count=Count("pk"))
        .order_by("step", "last_error")
    )
    verbs = {
        Due.Step.SEAL: "to seal",
        Due.Step.TIMESTAMP: "to timestamp",
        Due.Step.SHELVE: "to archive",
        Due.Step.DELIVER: "to deliver",
        Due.Step.RENEW: "whose timestamp is to be renewed",
    }
    return [f"{row['count']} {verbs[Due.Step(row['step'])]}" + (f": {row['last_error']}" if row["last_error"] else "") for row in rows]
