"""Who asks, for which relay, for which invoice."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest

from invoices import access
from invoices.models import Invoice
from relays.access import relays_of
from relays.models import Identity, Person, Relay
from selfbilling.limits import Limit

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
    """The relay of that code, if that person may look at it, with the name that it has on that day. Raises Http404."""
    found = shops_of(relays_of(person).filter(code=code), on=on)
    if not found:
        raise Http404
    return found[0]


def shops_of(relays: QuerySet[Relay], *, on: dt.date) -> list[Shop]:
    """These relays with the names that they have on that day: one query."""
    identity = Identity.objects.filter(relay=OuterRef("pk"), valid_from__lte=on).order_by("-valid_from")
    said = JSONObject(trade="trade_name", legal="legal_name", city="city")
    return [
        Shop(relay=relay, name=names["trade"] or names["legal"] or relay.code, city=names["city"])
        for relay in relays.annotate(identity=Subquery(identity.values(said=said)[:1]))
        for names in [relay.identity or dict.fromkeys(("trade", "legal", "city"), "")]
    ]


def named(relays: Iterable[Relay], *, on: dt.date) -> list[Shop]:
    """The same of relays that are loaded."""
    return shops_of(Relay.objects.filter(pk__in=[relay.pk for relay in relays]), on=on)


def invoice_of(person: Person, number: str) -> Invoice:
    """The invoice of that number, if that person may look at it. Raises Http404."""
    invoice = access.invoices_of(person).filter(number=number).first()
    if invoice is None:
        raise Http404
    return invoice
