"""The first page: the last invoice and what there is to do; for several relays, what is new at each."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects, assertTemplateUsed

from invoices import downloading
from invoices.models import Dispute, Invoice
from relays.models import OptIn, Relay
from tests import cast, world

pytestmark = pytest.mark.django_db
THIN = "\u202f"


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


def test_signed_out_it_is_the_sign_in_page(visitor: Client) -> None:
    assertRedirects(visitor.get("/"), reverse("account_login"))


def test_it_is_read_only(owner: Client) -> None:
    assert owner.post("/").status_code == 405
    assert owner.post("/relais/R0001/").status_code == 405


def test_the_last_invoice_has_amount_day_and_state(owner: Client, invoice: Invoice) -> None:
    page = owner.get("/")
    assertContains(page, "Bonjour, Épicerie de l’Étoile")
    assertContains(page, f"46,20{THIN}€")
    assertContains(page, "Virement le 2\u00a0décembre")
    assertContains(page, "Contestable jusqu’au 2\u00a0décembre")
    assertContains(page, f'href="/factures/{invoice.number}/"')
    assertNotContains(page, "À faire")
    assert len(page.content) < 60_000


def test_before_the_first_one_it_says_when_it_comes() -> None:
    assertContains(cast.browser(cast.owner(world.relay())).get("/"), "Votre première facture arrivera début décembre.")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (dt.date(2026, 10, 20), "arrivera début novembre."),
        (dt.date(2026, 11, 2), "arrivera début novembre."),
        (dt.date(2026, 11, 11), "est en préparation."),
    ],
)
def test_the_first_one_comes_after_the_month_in_which_it_began(day: dt.date, said: str) -> None:
    shop = world.relay()
    world.did(shop, 10)
    with world.on(day):
        assertContains(cast.browser(cast.owner(shop)).get("/"), f"Votre première facture {said}")


def test_nobody_s_first_page_says_whom_to_ask(stranger: Client) -> None:
    page = stranger.get("/")
    assertContains(page, "Aucun point relais n’est encore lié à votre compte")
    assertNotContains(page, "R0001")


def test_staff_find_their_desk(support: Client) -> None:
    assertContains(support.get("/"), "Votre bureau")
    assertContains(support.get("/"), f'<li><a href="{reverse("admin:index")}">', html=False)


def test_our_question_is_something_to_do_for_the_owner_alone(owner: Client, employee: Client, invoice: Invoice) -> None:
    Dispute.objects.create(invoice=invoice, opened_by=cast.owner(), answer_by=dt.date(2026, 11, 20), state="asked")
    assertContains(owner.get("/"), f"Répondre à notre question sur la facture {invoice.number}")
    assertNotContains(employee.get("/"), "Répondre à notre question")


def test_e_mail_is_offered_to_the_owner_on_paper(owner: Client, employee: Client, invoice: Invoice) -> None:
    offer = "Recevoir vos factures par e-mail plutôt que par courrier"
    assertNotContains(owner.get("/"), offer)
    OptIn.objects.update(withdrawn_on=dt.date(2026, 11, 9))
    assertContains(owner.get("/"), offer)
    assertNotContains(employee.get("/"), offer)


def test_english_is_spoken_too(invoice: Invoice) -> None:
    browser = cast.browser(cast.owner(invoice.relay), language="en")
    browser.post(reverse("set_language"), {"language": "en"})
    page = browser.get("/")
    assertContains(page, "Transfer on 2\u00a0December")
    assertContains(page, "€46.20")


@pytest.fixture
def clients() -> list[Invoice]:
    """October's of three shops; the third did nothing and has none."""
    world.tariff()
    names = ("Au Cœur des Halles", "Tabac N’Guyen", "Boulangerie-pâtisserie traditionnelle de Saint-Étienne-du-Rouvray")
    for at, name in enumerate(names):
        made = world.relay(f"R000{at + 1}", shop=at, trade_name=name, city=("Nantes", "Évry", "Lyon")[at])
        if at < 2:
            world.did(made, 100 * (at + 1))
    world.billed_approved_and_issued()
    return list(Invoice.objects.order_by("relay"))


@pytest.fixture
def chloe(clients: list[Invoice]) -> Client:
    return cast.browser(cast.accountant(*Relay.objects.all()))


def test_an_accountant_sees_all_clients_and_what_is_new(chloe: Client, clients: list[Invoice]) -> None:
    page = chloe.get("/")
    assertTemplateUsed(page, "invoices/portal/clients.html")
    assertContains(page, "2 nouvelles factures que vous n’avez pas encore téléchargées.")
    assertContains(page, "Au Cœur des Halles")
    assertContains(page, "Tabac N’Guyen")
    assertContains(page, "Pas encore de facture")
    assertContains(page, '<strong class="new">Nouvelle</strong>', count=2)
    downloading.downloaded([clients[0].number], by=cast.accountant())
    page = chloe.get("/")
    assertContains(page, "1 nouvelle facture que vous n’avez pas encore téléchargée.")
    assertContains(page, '<strong class="new">Nouvelle</strong>', count=1)
    assert page.content.index(b"Tabac") < page.content.index("Au Cœur".encode())


def test_what_is_old_is_not_new(chloe: Client) -> None:
    with world.on(dt.date(2026, 12, 10)):
        assertContains(cast.browser(cast.accountant()).get("/"), "Rien de nouveau depuis votre dernier téléchargement.")


@pytest.mark.parametrize("sought", ["coeur", "NANTES", "r0001", "Cœur des"])
def test_a_client_is_found_by_name_town_or_code(chloe: Client, sought: str) -> None:
    page = chloe.get("/", {"q": sought})
    assertContains(page, "Au Cœur des Halles")
    assertNotContains(page, "N’Guyen")


def test_a_search_without_result_says_so(chloe: Client) -> None:
    assertContains(chloe.get("/", {"q": "<Lille>"}), f"Aucun de vos points relais ne correspond à «{THIN}&lt;Lille&gt;{THIN}».")


def test_each_client_has_a_home(chloe: Client, stranger: Client) -> None:
    assertContains(chloe.get("/relais/R0002/"), "Bonjour, Tabac N’Guyen")
    assert stranger.get("/relais/R0002/").status_code == 404
    assert chloe.get("/relais/R0009/").status_code == 404


def test_signed_out_a_relay_s_home_asks_to_sign_in(visitor: Client, shop: Relay) -> None:
    assertRedirects(visitor.get("/relais/R0001/"), f"{reverse('account_login')}?next=/relais/R0001/")


def test_many_clients_take_no_more_queries_than_a_few(django_assert_max_num_queries: object) -> None:
    relays = [Relay.objects.create(code=f"X{at:03d}") for at in range(60)]
    browser = cast.browser(cast.accountant(*relays))
    browser.get("/")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        page = browser.get("/")
    assertContains(page, "Page 1 sur 2")
    assertContains(browser.get("/", {"page": 2}), "X059")
    assert len(page.content) < 60_000
