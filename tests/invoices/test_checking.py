"""What is odd about a draft, in words: shown, holding nobody."""

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import translation

from invoices import checking
from invoices.models import Draft
from invoices.period import Period
from relays.models import Relay
from tests import world
from tests.invoices import contents

AUGUST, SEPTEMBER, OCTOBER = (Period.named(f"2026-{month:02d}") for month in (8, 9, 10))


@pytest.fixture
def relay(db: None) -> Relay:
    """Invoiced in August and September: 10.00, then 12.00 EUR of LIV."""
    world.tariff("LIV", (0, "0.1000"))
    world.tariff("RET", (0, "0.1000"))
    made = world.relay()
    for month, quantity in ((AUGUST, 100), (SEPTEMBER, 120)):
        world.did(made, quantity, month=month)
        world.billed_approved_and_issued(month.last + dt.timedelta(days=2), month=month)
    return made


def oddities(relay: Relay, *, month: Period = OCTOBER) -> list[str]:
    world.bill(month.last + dt.timedelta(days=2), month=month)
    with translation.override("en"):
        return [checking.in_words(odd) for odd in Draft.objects.get(relay=relay, run__state="drafted").oddities]


@pytest.mark.parametrize("quantity", [37, 110, 330])
def test_a_month_like_the_last_ones_is_not_odd(relay: Relay, quantity: int) -> None:
    world.did(relay, quantity)
    assert oddities(relay) == []


@pytest.mark.parametrize(("quantity", "net"), [(36, "3.60"), (331, "33.10")])
def test_less_than_a_third_or_more_than_three_times_the_median_is_far(relay: Relay, quantity: int, net: str) -> None:
    world.did(relay, quantity)
    assert oddities(relay) == [f"net {net} is far from its last months' 11.00"]


def test_a_service_that_is_missing_is_named(relay: Relay) -> None:
    world.did(relay, 110, service="RET")
    assert oddities(relay) == ["no LIV, though the last months had some"]


def test_a_first_invoice_is_said_to_be_one(relay: Relay) -> None:
    other = world.relay("R0002", shop=1)
    world.did(other, 1)
    assert oddities(other) == ["first invoice"]


def test_months_longer_ago_than_three_do_not_count(relay: Relay) -> None:
    january = Period.named("2027-01")
    world.did(relay, 5, month=january)
    assert oddities(relay, month=january) == ["first invoice"]


def test_a_relay_that_earned_nothing_has_nothing_to_compare_with(db: None) -> None:
    world.tariff("LIV", (0, "0.0000"))
    made = world.relay()
    world.did(made, 1, month=SEPTEMBER)
    world.billed_approved_and_issued(dt.date(2026, 10, 2), month=SEPTEMBER)
    world.did(made, 1)
    assert oddities(made) == []


def test_what_is_odd_holds_nobody(relay: Relay) -> None:
    world.did(relay, 5000)
    assert oddities(relay)
    world.approve()
    assert world.issue() == 1


def test_each_document_is_judged_in_order_and_counted() -> None:
    bad = replace(contents.standard(), lines=(replace(contents.standard().lines[0], unit_code="XXX"),))
    said: list[int] = []
    answers = list(checking.refused([*[contents.standard()] * 10, bad, contents.franchise()], done=said.append))
    assert [bool(answer) for answer in answers] == [False] * 10 + [True, False]
    assert said == [10, 2]
