"""Who asks, for which relay, for which invoice, and how often."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from invoices import access
from invoices.models import Invoice
from relays.access import relays_of
from relays.identities import in_force
from relays.models import Identity, Person, Relay
from selfbilling.limits import Limit

FILES = Limit(name="files", times=60, seconds=60)
TABLES = Limit(name="tables", times=10, seconds=3600)  # a ZIP or a CSV: up to thousands of invoices


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A relay as its people know it."""

    relay: Relay
    name: str
    city: str


def shop(person: Person, code: str, *, on: dt.date) -> Shop:
    """The relay of that code, if that person may look at it. Raises Http404."""
    relay = get_object_or_404(relays_of(person), code=code)
    return named([relay], on=on)[0]


def named(relays: Iterable[Relay], *, on: dt.date) -> list[Shop]:
    """These relays with the names that they have on that day."""
    found = list(relays)
    identities = in_force(on, [relay.pk for relay in found])
    return [_shop(relay, identities.get(relay.pk)) for relay in found]


def invoice_of(person: Person, number: str) -> Invoice:
    """The invoice of that number, if that person may look at it. Raises Http404."""
    invoice = access.invoices_of(person).filter(number=number).first()
    if invoice is None:
        raise Http404
    return invoice


def too_often(request: PersonRequest, limit: Limit) -> HttpResponse | None:
    """Count one more; the page that asks to wait, where it is one too many."""
    return wait_page(request, seconds=limit.seconds_to_wait(str(request.user.pk)))


def wait_page(request: HttpRequest, *, seconds: int) -> HttpResponse | None:
    """The page that asks to wait so long; None: nobody has to."""
    if not seconds:
        return None
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(seconds)
    return response


def _shop(relay: Relay, identity: Identity | None) -> Shop:
    if identity is None:
        return Shop(relay=relay, name=relay.code, city="")
    return Shop(relay=relay, name=identity.trade_name or identity.legal_name or relay.code, city=identity.city)
