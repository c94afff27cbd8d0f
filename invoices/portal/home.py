"""The first page: the last invoice and what there is to do; for several relays, each with what is new at it."""

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from invoices import access, downloading, saying
from invoices.delivery import bouncing
from invoices.models import Activity, Adjustment, Invoice
from invoices.period import Period, today
from invoices.portal.asking import PersonRequest, Shop, shop, shops_of
from invoices.saying import Told
from relays.access import Deed, may, relays_of
from relays.models import OptIn, Person, Relay
from relays.portal.navigation import items

NEW_FOR = dt.timedelta(days=35)
"""An invoice is new to whoever has not downloaded it, for as long as that."""
_A_PAGE = 50  # relays
_EARLY = 10  # the day of the month up to which an invoice is said to arrive at its beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """Something that its reader may want to do."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One of several relays, with its last invoice."""

    shop: Shop
    last: Told | None
    is_new: bool


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Signed out: to the sign-in page. One relay: its home. Several: their list. None: the desk, or whom to ask."""
    person = request.user
    if not isinstance(person, Person):
        return redirect("account_login")
    shops = shops_of(relays_of(person), on=today())
    if len(shops) == 1:
        return _home_of(request, person, shops[0], several=False)
    if shops:
        return _clients(request, person, shops)
    desks = [item for item in items(request) if item.url != "/"] if person.is_staff else []
    return render(request, "invoices/portal/nobody.html", {"desks": desks})


@require_safe
@login_required
def home_of(request: PersonRequest, code: str) -> HttpResponse:
    """The home of one of several relays."""
    its = shop(request.user, code, on=today())
    return _home_of(request, request.user, its, several=relays_of(request.user).count() > 1)


def _home_of(request: HttpRequest, person: Person, its: Shop, *, several: bool) -> HttpResponse:
    on = today()
    invoices = access.invoices_of(person).filter(relay=its.relay)
    last = next(saying.told(invoices[:1]), None)
    said = {
        "shop": its,
        "several": several,
        "last": last,
        "state": last.state(on) if last else None,
        "payment": last.payment(on) if last else None,
        "to_do": _to_do(person, its.relay),
        "undelivered": bouncing.undelivered(relays_of(person).filter(pk=its.relay.pk)),
        "first_invoice": None if last else first_invoice(its.relay, on=on),
    }
    return render(request, "invoices/portal/home.html", said)


def first_invoice(relay: Relay, *, on: dt.date) -> dt.date | None:
    """The month at whose beginning the first invoice of a relay arrives; None: it is late, or waits for something."""
    this = Period(on.replace(day=1))
    before = this.previous
    did = any(rows.filter(relay=relay, day__range=(before.first, before.last)).exists() for rows in (Activity.objects, Adjustment.objects))
    if not did:
        return (this.last + dt.timedelta(days=1)).replace(day=1)
    return this.first if on.day <= _EARLY else None


def _to_do(person: Person, relay: Relay) -> list[ToDo]:
    """What there is to do: our questions about what was contested; e-mail rather than paper, if that is theirs to choose."""
    asked = saying.told(access.invoices_of(person, Deed.CONTEST).filter(relay=relay, disputes__state="asked"))
    found = [
        ToDo(
            label=_("Answer our question about invoice %(number)s") % {"number": one.invoice.number},
            url=reverse("portal:dispute", args=[one.invoice.number]),
        )
        for one in asked
    ]
    on_paper = not OptIn.objects.filter(relay=relay, withdrawn_on=None).exists()
    if on_paper and may(person, relay, Deed.CHOOSE):
        by_email = reverse("relay:by_email", args=[relay.code])
        found.append(ToDo(label=_("Receive your invoices by e-mail rather than by post"), url=by_email))
    return found


def _clients(request: HttpRequest, person: Person, shops: Sequence[Shop]) -> HttpResponse:
    on = today()
    sought = request.GET.get("q", "").strip()
    invoices = access.invoices_of(person)
    new = new_to(person, on=on)
    last = {one.invoice.relay_id: one for one in saying.told(invoices.order_by("relay_id", "-issue_date", "-number").distinct("relay_id"))}
    clients = [
        Client(shop=its, last=last.get(its.relay.pk), is_new=its.relay.pk in new.values())
        for its in shops
        if plain(sought) in plain(f"{its.name} {its.relay.code} {its.city}")
    ]
    clients.sort(key=lambda one: (not one.is_new, plain(one.shop.name), one.shop.relay.code))
    page = Paginator(clients, _A_PAGE).get_page(request.GET.get("page"))
    said = {
        "page": page,
        "rows": [(one, one.last.state(on) if one.last else None) for one in page],
        "relays": len(shops),
        "new": len(new),
        "sought": sought,
        "undelivered": bouncing.undelivered(relays_of(person)),
        "months": list(invoices.order_by("-period").values_list("period", flat=True).distinct()[:24]),
        "years": years_of(invoices),
    }
    return render(request, "invoices/portal/clients.html", said)


def new_to(person: Person, *, on: dt.date) -> dict[str, int]:
    """The recent invoices that this person has not downloaded yet: number -> relay's id."""
    recent = dict(access.invoices_of(person).filter(issue_date__gt=on - NEW_FOR).order_by("number").values_list("number", "relay_id"))
    had = downloading.had_by(person, numbers=recent)
    return {number: relay_id for number, relay_id in recent.items() if number not in had}


def years_of(invoices: QuerySet[Invoice]) -> list[int]:
    """The years whose months these invoices bill, the latest first."""
    return list(invoices.order_by("-period__year").values_list("period__year", flat=True).distinct())


def plain(text: str) -> str:
    """A text as one compares it: no case, no accents, œ as oe, any apostrophe."""
    parts = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("’", "'"))
    return "".join(c for c in parts if not unicodedata.combining(c))
