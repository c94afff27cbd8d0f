"""A month in figures, beside the months before it: for the billing manager's page. Reads only. Amounts in EUR."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q

from invoices import checking
from invoices.models import Draft, Due, Invoice, Run
from invoices.period import Period
from invoices.standing import OPEN

BEFORE = 3
"""How many earlier months stand beside it."""


@dataclass(slots=True)
class Service:
    """One service of the month. nets: of the months before, oldest first, then this month."""

    code: str  # empty: adjustments
    label: str
    quantity: int
    nets: list[Decimal]

    @property
    def net(self) -> Decimal:
        """This month's net."""
        return self.nets[-1]


@dataclass(slots=True)
class Treatment:
    """One VAT treatment of the month, by (base, VAT), oldest first, then this month."""

    category: str
    rate: Decimal
    amounts: list[tuple[Decimal, Decimal]]


@dataclass(slots=True)
class EmailMonth:
    """How the invoices of a month went out; saved: EUR of paper and stamps."""

    period: dt.date
    by_email: int
    on_paper: int
    saved: Decimal

    @property
    def share(self) -> int:
        """Per cent by e-mail."""
        return round(100 * self.by_email / (self.by_email + self.on_paper))


@dataclass(slots=True)
class Overview:
    """months: the columns, oldest first, this month last. of_drafts: this month's figures are an open run's drafts."""

    period: Period
    months: list[dt.date]
    run: Run | None
    of_drafts: bool
    relays: int
    net: Decimal
    vat: Decimal
    gross: Decimal
    services: list[Service] = field(default_factory=list)
    treatments: list[Treatment] = field(default_factory=list)


def overview(period: Period) -> Overview:
    """The month's totals by service and by VAT treatment, beside the months before.

    Of what is issued; where nothing is issued yet, of the open run's drafts.
    """
    months = [period.first]
    for _ in range(BEFORE):
        months.insert(0, Period(months[0]).previous.first)
    run = Run.objects.filter(period=period.first, state__in=OPEN).select_related("drafted_by", "approved_by").first()
    of_drafts = run is not None and not Invoice.objects.filter(period=period.first).exists()
    found = Overview(period, months, run, of_drafts, 0, Decimal("0.00"), Decimal("0.00"), Decimal("0.00"))
    parameters: dict[str, dt.date | int] = {"period": period.first, "first": months[0], "run": run.pk if run and of_drafts else 0}
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, parameters)
        found.relays, found.net, found.vat, found.gross = cursor.fetchone()
        cursor.execute(_SERVICES, parameters)
        found.services = _services(cursor.fetchall(), months)
        cursor.execute(_TREATMENTS, parameters)
        found.treatments = _treatments(cursor.fetchall(), months)
    return found


# Invoices of the months before and, unless an open run's drafts stand for it, of the month.
_TOTALS = """
    SELECT count(*), coalesce(sum(t.net), 0.00), coalesce(sum(t.vat), 0.00), coalesce(sum(t.gross), 0.00) FROM (
        SELECT net, vat, gross FROM invoices_invoice WHERE period = %(period)s
        UNION ALL SELECT net, vat, gross FROM invoices_draft WHERE run_id = %(run)s
    ) t
"""
_SERVICES = """
    SELECT l.service_code, l.period, min(l.label), sum(l.quantity), sum(l.net) FROM (
        SELECT line.service_code, i.period, line.label, line.quantity, line.net
        FROM invoices_invoice i JOIN invoices_invoiceline line ON line.invoice_id = i.id
        WHERE i.period BETWEEN %(first)s AND %(period)s
        UNION ALL
        SELECT line.service_code, %(period)s, line.label, line.quantity, line.net
        FROM invoices_draft d JOIN invoices_draftline line ON line.draft_id = d.id WHERE d.run_id = %(run)s
    ) l GROUP BY l.service_code, l.period
"""
_TREATMENTS = """
    SELECT t.category, t.rate, t.period, sum(t.base), sum(t.vat) FROM (
        SELECT v.category, v.rate, i.period, v.base, v.vat
        FROM invoices_invoice i JOIN invoices_vattotal v ON v.invoice_id = i.id
        WHERE i.period BETWEEN %(first)s AND %(period)s
        UNION ALL
        SELECT v.category, v.rate, %(period)s, v.base, v.vat
        FROM invoices_draft d JOIN invoices_draftvat v ON v.draft_id = d.id WHERE d.run_id = %(run)s
    ) t GROUP BY t.category, t.rate, t.period
"""


def _services(rows: list[Any], months: list[dt.date]) -> list[Service]:
    found: dict[str, Service] = {}
    for code, period, label, quantity, net in sorted(rows, key=lambda row: row[1]):
        service = found.setdefault(code, Service(code, label, 0, [Decimal("0.00")] * len(months)))
        service.label = label
        service.nets[months.index(period)] = net
        if period == months[-1]:
            service.quantity = quantity
    return sorted(found.values(), key=lambda service: (service.code == "", -service.net, service.code))


def _treatments(rows: list[Any], months: list[dt.date]) -> list[Treatment]:
    found: dict[tuple[str, Decimal], Treatment] = {}
    nothing = (Decimal("0.00"), Decimal("0.00"))
    for category, rate, period, base, vat in rows:
        treatment = found.setdefault((category, rate), Treatment(category, rate, [nothing] * len(months)))
        treatment.amounts[months.index(period)] = (base, vat)
    return sorted(found.values(), key=lambda t: (t.category != "S", t.category, t.rate))


def odd_drafts(run: Run) -> list[tuple[Draft, list[str]]]:
    """The run's drafts about which the machine finds something odd, in words, the largest first; first invoices last."""
    drafts = run.drafts.exclude(oddities=[]).select_related("relay").order_by("-net")
    others = list(drafts.exclude(oddities=[checking.FIRST_INVOICE])[:200])
    first = list(drafts.filter(oddities=[checking.FIRST_INVOICE])[:20])
    return [(draft, [checking.in_words(odd) for odd in draft.oddities]) for draft in [*others, *first]]


def sample(run: Run, *, at_most: int = 6) -> list[Draft]:
    """Drafts to look at before approving: spread over all, from the largest to the smallest; the same at each look."""
    ids = list(run.drafts.order_by("-net", "pk").values_list("pk", flat=True))
    step = max(1, len(ids) // at_most)
    return list(Draft.objects.filter(pk__in=ids[::step][:at_most]).select_related("relay").order_by("-net"))


def errors_by_cause(period: Period) -> list[Any]:
    """What keeps invoices of the month from going on: the step in words, last_error, how many; most first."""
    rows = list(
        Due.objects.filter(invoice__period=period.first)
        .exclude(last_error="")
        .values("step", "last_error")
        .annotate(count=Count("pk"))
        .order_by("-count")[:20]
    )
    return [row | {"what": Due.Step(row["step"]).label} for row in rows]


def email_months(period: Period, *, months: int = 12) -> list[EmailMonth]:
    """How many invoices went by e-mail, month by month up to this one, and what paper and stamps it saved (settings' unit costs)."""
    rows = (
        Invoice.objects.filter(period__lte=period.first)
        .values("period")
        .annotate(
            by_email=Count("pk", filter=Q(channel=Invoice.Channel.EMAIL)), on_paper=Count("pk", filter=Q(channel=Invoice.Channel.PAPER))
        )
        .order_by("-period")[:months]
    )
    a_letter = settings.OPERATOR_STAMP_COST + settings.OPERATOR_SHEET_COST
    return [EmailMonth(row["period"], row["by_email"], row["on_paper"], row["by_email"] * a_letter) for row in reversed(rows)]
