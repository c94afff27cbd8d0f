"""Why a relay is held, as the month's page says it in French; the command, and held.csv, keep their English."""

import datetime as dt

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from invoices import held_because
from invoices.models import Held
from relays.models import Relay
from tests import world

pytestmark = pytest.mark.django_db
PAGE = "/bureau/mois/2026-10/"
THIN, FIXED = "\u202f", "\u00a0"


def without_mandate() -> Relay:
    return world.relay(mandate=(dt.date(2025, 12, 1), dt.date(2026, 10, 9)))


def without_city_and_postcode() -> Relay:
    return world.relay(city="", postcode="")


def without_vat_number() -> Relay:
    return world.relay(vat_number="")


def with_a_service_nobody_priced() -> Relay:
    made = world.relay()
    world.did(made, 5, service="RET")
    return made


def owing_more_than_it_earns() -> Relay:
    made = world.relay()
    world.adjusted(made, "-100.00")
    return made


@pytest.mark.parametrize(
    ("made", "english", "french"),
    [
        (without_mandate, "2026-10-10 is not covered", f"aucun mandat approuvé ne couvre le 10{FIXED}octobre{FIXED}2026"),
        (without_city_and_postcode, "postcode, city empty: import them", f"il manque postcode, city{FIXED}: importez-les"),
        (without_vat_number, "vat_number is empty although VAT is charged on 2026-10-10", f"facturée le 10{FIXED}octobre{FIXED}2026"),
        (with_a_service_nobody_priced, "no tariff of RET in force in 2026-10", f"pas de tarif de RET en vigueur en octobre{FIXED}2026"),
        (owing_more_than_it_earns, "net -90.00, gross -108.00: carry", f"−90,00{THIN}€ HT, −108,00{THIN}€ TTC"),
    ],
)
def test_the_page_says_it_in_french_and_what_is_kept_stays_english(made: object, english: str, french: str, manager: Client) -> None:
    world.tariff("LIV", (0, "0.1000"))
    world.did(made(), 100)  # type: ignore[operator]
    world.bill()
    assert english in Held.objects.get().detail
    page = manager.get(PAGE)
    assertContains(page, french)
    assertNotContains(page, english)


def test_the_issue_date_is_no_billed_day() -> None:
    detail = held_because.ISSUE_DATE_NOT_COVERED % {"day": "2026-11-02"}
    assert held_because.in_words(detail).startswith(f"aucun mandat approuvé ne couvre la date d’émission, le 2{FIXED}novembre{FIXED}2026")


def test_what_a_person_or_a_rule_said_stays_word_for_word() -> None:
    for said in ("compteur cassé le 2026-10-03, 12.50 de trop", "[BR-E-02]-An Invoice that contains 1.00"):
        assert held_because.in_words(said) == said


def test_the_admin_says_it_in_french_too(manager: Client) -> None:
    world.did(without_city_and_postcode(), 100)
    world.tariff()
    world.bill()
    assertContains(manager.get("/admin/invoices/held/"), "il manque postcode, city")
