"""An invoice's page: how much, when, what one may do; then what is behind it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from invoices import access, paying, saying
from invoices.models import Activity, Delivery, Document, Invoice, InvoiceLine
from invoices.period import Period, today
from invoices.portal.asking import PersonRequest, shop
from invoices.saying import Told
from relays.access import Deed, may


@dataclass(slots=True)
class Day:
    """What was counted on one day of one service. given_back: corrections, negative."""

    day: dt.date
    counted: int = 0
    given_back: int = 0


@dataclass(slots=True)
class Service:
    """One service of an invoice: its days, and how many units they are in all."""

    label: str
    days: list[Day] = field(default_factory=list)

    @property
    def units(self) -> int:
        """All days together."""
        return sum(day.counted + day.given_back for day in self.days)

    @property
    def has_corrections(self) -> bool:
        """Whether something was given back on some day."""
        return any(day.given_back for day in self.days)


@require_safe
@login_required
def invoice(request: PersonRequest, number: str) -> HttpResponse:
    """The page of one invoice."""
    told = next(saying.told(access.invoices_of(request.user).filter(number=number)[:1]), None)
    if told is None:
        raise Http404
    on = today()
    one = told.invoice
    lines = list(one.lines.all())
    vat_totals = sorted(one.vat_totals.all(), key=lambda total: (total.category != "S", total.rate))
    said = {
        "told": told,
        "invoice": one,
        "shop": shop(request.user, one.relay.code, on=on),
        "state": told.state(on),
        "payment": told.payment(on),
        "lines": lines,
        "services": daily(one, lines),
        "vat_totals": vat_totals,
        "receipts": paying.receipts(one, payments=one.payments.all(), vat_totals=vat_totals),
        "document": Document.objects.filter(invoice=one, renewed_by=None).first(),
        "deliveries": [saying.handed_over(each) for each in Delivery.objects.filter(invoice=one).order_by("claimed_at")],
        "fallen": one.acceptances.exclude(fell_with=None).order_by("-accepted_on").first(),
        **_may_do(request, told, on=on),
    }
    return render(request, "invoices/portal/invoice.html", said)


def _may_do(request: PersonRequest, told: Told, *, on: dt.date) -> dict[str, Any]:
    """What this person may do with it now, with the pages for it."""
    one = told.invoice
    contestable = told.may_be_contested(on)
    may_contest = may(request.user, one.relay, Deed.CONTEST)
    dispute = one.disputes.order_by("-opened_at").first()
    return {
        "contestable": contestable,
        "contest": reverse("portal:contest", args=[one.number]) if contestable and may_contest else None,
        "dispute": dispute,
        "accept": reverse("portal:accept", args=[one.number]) if contestable and may_contest and told.sent_on else None,
    }


def daily(one: Invoice, lines: Iterable[InvoiceLine]) -> list[Service]:
    """The counts behind an invoice, by service in the order of its lines, each day by day."""
    labels: dict[str, str] = {}
    for line in lines:
        if line.tariff_set_id is not None:
            labels.setdefault(line.service_code, line.label)
    services = {code: Service(label) for code, label in labels.items()}
    month = Period(one.period)
    rows = Activity.objects.filter(relay=one.relay_id, day__range=(month.first, month.last), service_code__in=services)
    for row in rows.order_by("day"):
        days = services[row.service_code].days
        if not days or days[-1].day != row.day:
            days.append(Day(row.day))
        if row.quantity > 0:
            days[-1].counted += row.quantity
        else:
            days[-1].given_back += row.quantity
    return [service for service in services.values() if service.days]
