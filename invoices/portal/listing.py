"""A relay's invoices: by year, or those that are searched for; a ZIP and a table of them to take away."""

import datetime as dt
import re
from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from invoices import access, saying
from invoices.models import Invoice
from invoices.paying import NOTHING
from invoices.period import today
from invoices.portal.asking import PersonRequest, Shop, shop, shops_of
from invoices.portal.home import plain, years_of
from invoices.saying import State, Told
from relays.access import relays_of

_MONTHS = (
    *(("janvier", "january"), ("fevrier", "february"), ("mars", "march"), ("avril", "april"), ("mai", "may"), ("juin", "june")),
    *(("juillet", "july"), ("aout", "august"), ("septembre", "september"), ("octobre", "october")),
    *(("novembre", "november"), ("decembre", "december")),
)


@require_safe
@login_required
def mine(request: PersonRequest) -> HttpResponse:
    """The list, for whoever has one relay; with several they choose one first."""
    shops = shops_of(relays_of(request.user)[:2], on=today())
    if len(shops) != 1:
        return redirect("portal:home")
    return page(request, shops[0])


@require_safe
@login_required
def of_relay(request: PersonRequest, code: str) -> HttpResponse:
    """The list of one relay."""
    return page(request, shop(request.user, code, on=today()))


def page(request: PersonRequest, its: Shop, *, error: str = "", status: int = 200) -> HttpResponse:
    """The page of the list. error: what was wrong with what was asked of it."""
    on = today()
    invoices = access.invoices_of(request.user).filter(relay=its.relay)
    sought = request.GET.get("q", "").strip()
    years = years_of(invoices)
    year = chosen_year(request) or (years[0] if years else on.year)
    shown = invoices.filter(search(sought)) if sought else invoices.filter(period__year=year)
    told = list(saying.told(shown.order_by("-period", "-number")))
    said = {
        "shop": its,
        "rows": [_row(one, on) for one in told],
        "total": sum((one.invoice.gross for one in told), NOTHING),
        "paid": sum((one.paid for one in told), Decimal(0)),
        "can_zip": any(one.is_sealed for one in told),
        "years": years,
        "year": year,
        "sought": sought,
        "error": error,
        "several": request.GET.getlist("numero"),
    }
    return render(request, "invoices/portal/invoices.html", said, status=status)


def _row(told: Told, on: dt.date) -> tuple[Told, State, State | None]:
    """An invoice, how it stands, and when it is paid where the state does not say so."""
    state, payment = told.state(on), told.payment(on)
    return told, state, None if payment == state else payment


def chosen_year(request: PersonRequest) -> int | None:
    """The year asked for. Raises Http404 for what is none."""
    year = request.GET.get("annee", "")
    if not year:
        return None
    if not re.fullmatch("[0-9]{4}", year):
        raise Http404
    return int(year)


def search(sought: str) -> Q:
    """Which invoices match: part of a number; a month as « octobre », « oct 2026 », 10/2026 or 2026-10; a year."""
    words = plain(sought).split()
    month = next((at for word in words for at, names in enumerate(_MONTHS, start=1) if _names(word, names)), None)
    year = next((int(word) for word in words if re.fullmatch("20[0-9]{2}", word)), None)
    numbers = re.fullmatch(r"([0-9]{1,2})[/. -]([0-9]{4})", sought) or re.fullmatch(r"(?P<y>[0-9]{4})[/. -](?P<m>[0-9]{1,2})", sought)
    if numbers:
        first, second = int(numbers[1]), int(numbers[2])
        year, month = (first, second) if first > 12 else (second, first)
    if month is None:
        return Q(number__icontains=sought) | Q(period__year=year) if year else Q(number__icontains=sought)
    return Q(period__month=month, period__year=year) if year else Q(period__month=month)


def _names(word: str, names: tuple[str, str]) -> bool:
    """Whether a word is a month's name, or at least its first three letters (« juin » and « juillet »: four)."""
    return any(name.startswith(word) for name in names) and len(word) >= (4 if word.startswith("jui") else 3)


def of_year(invoices: QuerySet[Invoice], year: int) -> QuerySet[Invoice]:
    """Those that bill a month of that year. Raises Http404 where there is none."""
    found = invoices.filter(period__year=year)
    if not found.exists():
        raise Http404
    return found
