"""Every address of ours crossed with every role and a stranger, reading and writing: another relay's things are not there (404),
the desk's pages are its groups' own (403), and whoever is not signed in is asked to.

Generated from the URL configuration: a new page is crossed as soon as it has its address, or this test asks where it belongs.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from invoices.disputes import contesting
from invoices.models import Delivery, Dispute, Draft, Invoice
from relays.models import Relay, Request
from tests import cast, world

pytestmark = pytest.mark.django_db
OBJECTS = ("number", "code")
"""Parameters that name a relay's own things: a stranger's answer is 404."""
OPEN = {"public:verify", "public:help", "public:token", "relay:join"}
"""For anyone; relay:join and public:token are for whoever holds their secret."""
OF_EACH = {"portal:home", "portal:invoices", "portal:zip", "portal:table", "relay:mandate", "relay:requests"}
"""Without parameters: one's own, whoever one is."""
GROUPS = {
    "desk:month": "billing", "desk:month_of": "billing", "desk:ask": "billing", "desk:approve": "billing", "desk:live": "billing",
    "desk:letterhead": "billing", "desk:retry": "billing", "desk:hold": "billing", "desk:let_go": "billing", "desk:sample": "billing",
}  # fmt: skip
"""The month is billing's; every other page of the desk is support's."""


def addresses() -> Iterator[tuple[str, set[str]]]:
    """The name of each address of ours, with its parameters."""

    def walk(patterns: list[Any], namespace: str) -> Iterator[tuple[str, set[str]]]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = pattern.namespace or namespace
                if inner in {"", "portal", "relay", "desk", "public"}:
                    yield from walk(pattern.url_patterns, inner)
            elif isinstance(pattern, URLPattern) and namespace and pattern.name:
                yield f"{namespace}:{pattern.name}", set(pattern.pattern.converters)

    yield from walk(get_resolver().url_patterns, "")


ADDRESSES = sorted({(name, tuple(sorted(parameters))) for name, parameters in addresses()})


@pytest.fixture
def things() -> dict[str, Any]:
    """What the addresses name: all of one relay's, whose owner is Alice."""
    invoice = world.an_invoice()
    owner = cast.owner(invoice.relay)
    dispute = contesting.contest(
        invoice_id=invoice.pk, by=owner, text="Il manque douze colis.", line_id=None, claimed_quantity=None, file=None
    )
    request = Request.objects.create(relay=invoice.relay, kind="details_changed", text="Nouvelle adresse", by=owner)
    delivery = Delivery.objects.create(invoice=invoice, channel="email", address="alice@example.org", message_id="<1@x>", transport="files")
    return {
        "number": invoice.number,
        "code": invoice.relay.code,
        "name": "2026-10",
        "act": "bill",
        "secret": "x" * 43,
        "mandate_id": invoice.relay.mandates.get().pk,
        "token": invoice.token,
        "draft_id": Draft.objects.get().pk,
        "hold_id": 1,
        "person_id": owner.pk,
        "desk:dispute": dispute.pk,
        "desk:dispute_file": 1,
        "portal:dispute_file": 1,
        "desk:request": request.pk,
        "desk:bounce": delivery.pk,
    }


def path(name: str, parameters: tuple[str, ...], things: dict[str, Any]) -> str:
    return reverse(name, kwargs={p: things[name] if p == "pk" else things[p] for p in parameters})


def asked(browser: Client, address: str) -> tuple[int, int]:
    """The status of reading and of writing."""
    return browser.get(address).status_code, browser.post(address).status_code


def state() -> tuple[int, ...]:
    return (
        Dispute.objects.filter(state="open").count(),
        Invoice.objects.count(),
        Request.objects.filter(answered_at=None).count(),
        Relay.objects.count(),
    )


@pytest.mark.parametrize(("name", "parameters"), ADDRESSES, ids=[f"{name}({', '.join(p)})" for name, p in ADDRESSES])
def test_who_may(name: str, parameters: tuple[str, ...], things: dict[str, Any]) -> None:
    address = path(name, parameters, things)
    stranger = cast.browser(cast.stranger(world.relay("R0099", shop=4)))
    before = state()
    visitor, clerk, manager, support = (
        cast.browser(),
        cast.browser(cast.clerk()),
        cast.browser(cast.manager()),
        cast.browser(cast.support()),
    )
    if name in OPEN:
        assert visitor.get(address).status_code in {200, 404, 410}
        return
    assert all(status in {302, 405} for status in asked(visitor, address)), "who is not signed in is asked to"
    if name.startswith("desk:"):
        inside, outside = (manager, [support, clerk, stranger]) if name in GROUPS else (support, [clerk, stranger])
        for browser in outside:
            assert all(status in {403, 405} for status in asked(browser, address)), f"{name} is not theirs"
        assert state() == before, "those outside changed something"
        assert inside.get(address).status_code not in {403, 500}
        return
    if not parameters:
        assert name in OF_EACH, f"where does {name} belong?"
        assert "R0001" not in stranger.get(address, follow=True).content.decode()
        return
    assert set(parameters) & set(OBJECTS), f"where does {name} belong?"
    for browser in (stranger, clerk, manager, support):
        assert all(status in {404, 405} for status in asked(browser, address)), "another relay's things are not there"
    assert state() == before, "a stranger changed something"
    for who in (cast.owner, cast.employee, cast.accountant):
        person = who() if who is cast.owner else who(Relay.objects.get(code="R0001"))
        assert cast.browser(person).get(address).status_code in {200, 302, 404, 405, 409, 422}
