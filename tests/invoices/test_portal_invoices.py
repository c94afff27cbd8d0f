"""A relay's list of invoices: by year, searched, with what they add up to."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invoices.models import Invoice, Payment
from relays.models import Relay, Role
from tests import cast, world
from tests.invoices import months

pytestmark = pytest.mark.django_db
LIST = "/relais/R0001/factures/"
THIN, FIXED = "\u202f", "\u00a0"


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


def test_it_is_read_only_and_for_whoever_is_signed_in(owner: Client, visitor: Client) -> None:
    assert owner.post(LIST).status_code == 405
    assert owner.post("/factures/").status_code == 405
    assertRedirects(visitor.get(LIST), f"{reverse('account_login')}?next={LIST}")


@pytest.mark.parametrize("query", ["", "?q=R0001", "?annee=2026"])
def test_a_stranger_finds_nothing(stranger: Client, invoice: Invoice, query: str) -> None:
    cast.acts_for(cast.stranger(), world.relay("R0002", shop=1), role=Role.OWNER)
    assert stranger.get(LIST + query).status_code == 404
    assertNotContains(stranger.get(f"/relais/R0002/factures/{query}"), invoice.number)


def test_who_has_one_relay_gets_its_list_and_who_has_several_chooses(owner: Client, accountant: Client, invoice: Invoice) -> None:
    assertContains(owner.get("/factures/"), invoice.number)
    cast.acts_for(cast.accountant(), world.relay("R0002", shop=1), role=Role.ACCOUNTANT)
    assertRedirects(accountant.get("/factures/"), "/")


def test_a_row_has_month_number_amount_state_and_payment(owner: Client, invoice: Invoice) -> None:
    page = owner.get(LIST)
    for said in ("Octobre", invoice.number, f"46,20{THIN}€", f"Contestable jusqu’au 2{FIXED}décembre", f"Virement le 2{FIXED}décembre"):
        assertContains(page, said)
    assertContains(page, "Total 2026")
    assertNotContains(page, "dont payé")
    assertNotContains(page, "cochées")


def test_what_was_paid_is_added_up(owner: Client, invoice: Invoice) -> None:
    Payment.objects.create(invoice=invoice, paid_on=dt.date(2026, 11, 9), amount=Decimal("46.20"))
    page = owner.get(LIST)
    assertContains(page, f"Payée le 9{FIXED}novembre", count=1)
    assertContains(page, "dont payé")


def test_before_the_first_invoice_it_says_when_they_come() -> None:
    page = cast.browser(cast.owner(world.relay())).get("/factures/")
    assertContains(page, "Vous n’avez pas encore de facture")
    assertNotContains(page, "Exporter")


def test_years_are_apart_and_the_latest_is_shown(owner: Client, invoice: Invoice) -> None:
    months.after(invoice, months=3, sealed=True)
    page = owner.get(LIST)
    assertContains(page, '<a href="/relais/R0001/factures/?annee=2027" aria-current="page">2027</a>', html=True)
    assertContains(page, "Janvier")
    assertNotContains(page, "Octobre")
    page = owner.get(LIST, {"annee": "2026"})
    assertContains(page, f"138,60{THIN}€")
    assertContains(page, 'name="numero"', count=3)
    assertContains(page, "/relais/R0001/factures/zip/?annee=2026")
    assertContains(owner.get(LIST, {"annee": "2019"}), "Aucune facture pour 2019.")
    assert owner.get(LIST, {"annee": "deux"}).status_code == 404


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("octobre", ["R0001-2026-00001"]),
        ("Oct 2026", ["R0001-2026-00001"]),
        ("10/2026", ["R0001-2026-00001"]),
        ("2026-10", ["R0001-2026-00001"]),
        ("décembre", ["R0001-2027-00001"]),
        ("juin 2027", ["R0001-2027-00007"]),
        ("2027-0000", [f"R0001-2027-0000{rank}" for rank in range(9, 0, -1)]),
        ("00002", ["R0001-2027-00002", "R0001-2026-00002"]),
        ("october 2027", []),
        ("'; DROP", []),
        ("%", []),
    ],
)
def test_a_search_finds_a_month_or_part_of_a_number(owner: Client, invoice: Invoice, sought: str, found: list[str]) -> None:
    months.after(invoice, months=10)
    page = owner.get(LIST, {"q": sought})
    assert [one.invoice.number for one, _state, _payment in page.context["rows"]] == found
    if not found:
        assertContains(page, "Aucune facture ne correspond à")


@pytest.mark.parametrize("length", [3, 60])
def test_its_length_costs_no_query(owner: Client, invoice: Invoice, length: int, django_assert_max_num_queries: object) -> None:
    made = months.after(invoice, months=length - 1, sealed=True)
    Payment.objects.bulk_create(Payment(invoice=one, paid_on=one.issue_date, amount=one.gross) for one in made)
    owner.get(LIST)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        page = owner.get(LIST, {"q": "R0001"})
    assertContains(page, 'name="numero"', count=length)
    assert len(page.content) < 60_000


def test_many_are_ticked_or_none_and_the_page_says_so(owner: Client, invoice: Invoice) -> None:
    months.after(invoice, months=1, sealed=True)
    page = owner.get(f"{LIST}zip/")
    assertContains(page, "Cochez au moins une facture.", status_code=422)
    assertContains(page, "Factures", status_code=422)


def test_another_of_one_s_relays_is_not_mixed_in(owner: Client, invoice: Invoice) -> None:
    cast.acts_for(cast.owner(), Relay.objects.create(code="R0002"), role=Role.OWNER)
    assertNotContains(owner.get("/relais/R0002/factures/"), invoice.number)
