"""An invoice's page: how much, when, what one may do; then what is behind it."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invoices.delivery import starting
from invoices.models import Acceptance, Delivery, Dispute, Invoice, Payment
from relays.models import VatRegime
from tests import cast, world

pytestmark = pytest.mark.django_db
THIN, FIXED = "\u202f", "\u00a0"
NUMBER = "R0001-2026-00001"
PAGE = f"/factures/{NUMBER}/"


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


def test_it_is_read_only_for_its_people_alone(owner: Client, stranger: Client, visitor: Client, invoice: Invoice) -> None:
    assert owner.post(PAGE).status_code == 405
    assert stranger.get(PAGE).status_code == 404
    assert owner.get("/factures/R0001-2026-00002/").status_code == 404
    assertRedirects(visitor.get(PAGE), f"{reverse('account_login')}?next={PAGE}")


def test_staff_without_a_relay_find_nothing_there(support: Client, manager: Client, invoice: Invoice) -> None:
    assert support.get(PAGE).status_code == manager.get(PAGE).status_code == 404


def test_it_says_how_much_when_and_how_it_stands_to_each_of_its_people(
    owner: Client, employee: Client, accountant: Client, invoice: Invoice
) -> None:
    for browser in (owner, employee, accountant):
        page = browser.get(PAGE)
        assertContains(page, "<h1>Octobre\u00a02026</h1>", html=True)
        assertContains(page, f'<p class="big amount">46,20{THIN}€</p>')
        assertContains(page, f"Virement le 2{FIXED}décembre, sur votre compte qui se termine par 5611.")
        assertContains(page, f"100 × 0,385{THIN}€")
        assertContains(page, f"TVA 20{THIN}%")
        assertContains(page, f"Cette facture peut être contestée jusqu’au 2{FIXED}décembre{FIXED}2026.")
        assert len(page.content) < 60_000


def test_until_it_is_sealed_there_is_no_file_to_download(owner: Client, invoice: Invoice) -> None:
    page = owner.get(PAGE)
    assertContains(page, "Nous cachetons cette facture")
    assertNotContains(page, f"{NUMBER}.pdf")
    assertNotContains(page, "Son cachet")


def test_a_test_seal_is_called_one(owner: Client, invoice: Invoice) -> None:
    world.sealed_and_archived()
    page = owner.get(PAGE)
    assertContains(page, f'href="/factures/{NUMBER}.pdf"')
    assertContains(page, f'href="/factures/{NUMBER}.xml"')
    assertContains(page, "Ce PDF porte un cachet d’essai")
    assertContains(page, "ne prouve rien devant la loi")
    assertContains(page, f'href="/verifier/?numero={NUMBER}"')


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("qualified", "C’est un cachet qualifié"),
        ("advanced with qualified certificate", "C’est un cachet avancé à certificat qualifié"),
        ("advanced", "C’est un cachet avancé, non qualifié"),
    ],
)
def test_each_level_is_called_what_it_is(invoice: Invoice, level: str, said: str) -> None:
    class Sealed:
        sealed_at = dt.datetime(2026, 11, 2, 9, 5, tzinfo=dt.UTC)

    document = Sealed()
    document.level = level  # type: ignore[attr-defined]
    html = render_to_string("invoices/portal/seal.html", {"document": document, "sealer": "Réseau Relais SAS"})
    assert said in html
    assert "Réseau Relais SAS a cacheté ce PDF le 2" in html
    assert "cachet d’essai" not in html


def test_the_counts_of_each_day_are_behind_the_lines_with_what_was_given_back() -> None:
    relay = world.relay("R0002", shop=1)
    world.tariff("LIV", (0, "0.40"), (100, "0.30"))
    world.tariff("RET", (0, "0.50"))
    world.did(relay, 90, day=5)
    world.did(relay, 30, day=7)
    world.did(relay, -10, day=7)
    world.did(relay, 3, day=8, service="RET")
    world.adjusted(relay, "-5.00")
    world.billed_approved_and_issued()
    page = cast.browser(cast.owner(relay)).get("/factures/R0002-2026-00001/")
    services = page.context["services"]
    assert [(s.label, s.units, s.has_corrections) for s in services] == [("Service LIV", 110, True), ("Service RET", 3, False)]
    assert [(d.day.day, d.counted, d.given_back) for d in services[0].days] == [(5, 90, 0), (7, 30, -10)]
    assertContains(page, f"Service LIV{THIN}: 110, jour par jour")
    assertContains(page, "−10")
    assertContains(page, "Malus qualité")
    assertContains(page, f"28{FIXED}octobre{FIXED}2026")


def test_a_month_of_two_regimes_says_which_line_has_vat() -> None:
    relay = world.relay("R0002", shop=1)
    VatRegime.objects.create(relay=relay, valid_from=dt.date(2026, 10, 11), regime="franchise", vat_number="FR80101717650")
    world.tariff()
    world.did(relay, 100, day=10)
    world.did(relay, 100, day=11)
    world.billed_approved_and_issued()
    page = cast.browser(cast.owner(relay)).get("/factures/R0002-2026-00001/")
    assertContains(page, f"· TVA 20{THIN}%")
    assertContains(page, "· sans TVA")
    assertContains(page, f"TVA 20{THIN}% sur 38,50{THIN}€")
    assertContains(page, "TVA non applicable, art. 293 B du CGI")


def test_payments_are_listed_with_the_vat_in_them(owner: Client, invoice: Invoice) -> None:
    Payment.objects.create(invoice=invoice, paid_on=dt.date(2026, 11, 5), amount=Decimal("23.10"))
    page = owner.get(PAGE)
    assertContains(page, f"5{FIXED}novembre{FIXED}2026")
    assertContains(page, f"3,85{THIN}€")
    assertContains(page, f"Payée en partie{THIN}: 23,10{THIN}€ sur 46,20{THIN}€", count=2)


def test_without_an_iban_it_asks_for_one() -> None:
    browser = cast.browser(cast.owner(world.an_invoice(iban="").relay))
    assertContains(browser.get(PAGE), "Nous n’avons pas votre IBAN")


def test_how_it_was_sent_is_said(owner: Client, invoice: Invoice) -> None:
    assertContains(owner.get(PAGE), f"Elle n’est pas encore partie{THIN}: elle ira par e-mail à r0001@example.org.")
    world.sealed_and_archived()
    starting.start(world.OCTOBER)
    Delivery.objects.create(
        invoice=invoice,
        channel="email",
        state="sent",
        transport="smtp",
        address="r0001@example.org",
        message_id="<1@x>",
        sent_at=dt.datetime(2026, 11, 3, 8, 5, tzinfo=dt.UTC),
    )
    assertContains(owner.get(PAGE), f"Envoyée par e-mail à r0001@example.org le 3{FIXED}novembre{FIXED}2026 à 9{FIXED}h{FIXED}05.")


def test_the_owner_alone_is_led_to_contest(owner: Client, accountant: Client, invoice: Invoice) -> None:
    assertContains(accountant.get(PAGE), "Le gérant du point relais peut le faire depuis son compte.")
    contest = reverse("portal:contest", args=[NUMBER])
    assertContains(owner.get(PAGE), f'href="{contest}"')
    assertNotContains(accountant.get(PAGE), f'href="{contest}"')


def test_after_the_delay_it_says_so_and_whom_to_write_to(invoice: Invoice) -> None:
    Acceptance.objects.create(invoice=invoice, accepted_on=dt.date(2026, 12, 3))
    with world.on(dt.date(2026, 12, 4)):
        page = cast.browser(cast.owner(invoice.relay)).get(PAGE)
    assertContains(page, f"Cette facture est acceptée depuis le 3{FIXED}décembre{FIXED}2026.")
    assertContains(page, "relais@reseau-relais.example")
    assertNotContains(page, "Contester cette facture")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("open", f"Nous vous répondons au plus tard le 20{FIXED}novembre{FIXED}2026."),
        ("asked", "Nous vous avons posé une question et attendons votre réponse."),
        ("granted", "cette facture est à rectifier"),
        ("refused", "nous avons refusé votre contestation"),
    ],
)
def test_a_contest_is_said_with_what_became_of_it(owner: Client, invoice: Invoice, state: str, said: str) -> None:
    decided = {"decided_by": cast.support(), "decided_at": dt.datetime.now(tz=dt.UTC)} if state in {"granted", "refused"} else {}
    Dispute.objects.create(invoice=invoice, opened_by=cast.owner(), answer_by=dt.date(2026, 11, 20), state=state, **decided)
    page = owner.get(PAGE)
    assertContains(page, said)
    if state == "refused":
        assertContains(page, "Cette facture peut être contestée jusqu’au")
    else:
        assertNotContains(page, "Cette facture peut être contestée")
