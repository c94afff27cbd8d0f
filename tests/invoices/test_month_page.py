"""The billing manager's month, as a browser sees it; and the worker that does what is asked there."""

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invoices import asking, holding
from invoices.models import Draft, Hold, Invoice, Run, Work
from invoices.period import Period
from relays.models import Relay
from selfbilling.models import JournalEntry
from tests import cast, world

pytestmark = pytest.mark.django_db
OCTOBER = Period.named("2026-10")
PAGE = "/bureau/mois/2026-10/"


@pytest.fixture
def relay() -> Relay:
    """A relay with 100 parcels to bill in October."""
    made = world.relay()
    world.tariff("LIV", (0, "1.0000"))
    world.did(made, 100)
    return made


def do(browser: Client, act: str) -> Work:
    """Ask for it at the desk, and let a worker do it."""
    response = browser.post(f"{PAGE}{act}/")
    assertRedirects(response, f"{PAGE}en-cours/", fetch_redirect_response=False)
    work = Work.objects.latest("pk")
    with world.on(world.BILLED_ON):
        asking.carry_out(work.pk)
    work.refresh_from_db()
    return work


@pytest.mark.usefixtures("relay")
def test_from_billed_to_issued_with_two_people(manager: Client) -> None:
    with world.on(world.BILLED_ON):
        assertContains(manager.get(PAGE), "Facturer ce mois…")
    assert do(manager, "bill").error == ""
    page = manager.get(PAGE)
    assertContains(page, "Brouillons prêts, préparés par Camille Moreau")
    assertContains(page, "100,00")
    assertNotContains(page, "Approuver 1 brouillon")  # who billed does not approve
    assertContains(manager.post(f"{PAGE}approuver/"), "une autre personne", status_code=409)

    other = cast.browser(cast.other_manager())
    assertContains(other.get(PAGE), "Approuver 1 brouillon…")
    assertContains(other.get(f"{PAGE}approuver/"), "figés")
    assertRedirects(other.post(f"{PAGE}approuver/"), PAGE, fetch_redirect_response=False)
    assertContains(manager.get(f"{PAGE}issue/"), "Émettre 1 facture")
    assert do(manager, "issue").error == ""
    assert Invoice.objects.count() == 1
    assertContains(manager.get(PAGE), "cachetage et archivage en cours")


@pytest.mark.usefixtures("relay")
def test_a_refusal_ends_the_work_with_its_sentence_and_another_may_be_asked_for(manager: Client) -> None:
    work = do(manager, "issue")  # nothing was billed
    assert "facturez" in work.error
    assertContains(manager.get(PAGE), work.error)
    assert do(manager, "bill").error == ""


@pytest.mark.usefixtures("relay")
def test_one_thing_at_a_time_is_done_with_a_month(manager: Client) -> None:
    manager.post(f"{PAGE}bill/")
    assertContains(manager.post(f"{PAGE}bill/"), "déjà en cours", status_code=409)
    assert Work.objects.count() == 1


@pytest.mark.usefixtures("relay")
def test_a_work_is_carried_out_once_however_often_its_message_comes(manager: Client) -> None:
    work = do(manager, "bill")
    asking.carry_out(work.pk)
    assert Run.objects.count() == 1


def test_a_bug_of_ours_ends_the_work_and_is_said_without_its_traceback(
    manager: Client, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invoices.drafting.draft", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        do(manager, "bill")
    page = manager.get(PAGE)
    assertContains(page, "Une erreur de notre part")
    assertNotContains(page, "ZeroDivisionError")
    assert Work.objects.get().ended_at is not None


def test_held_relays_stand_with_their_reason_and_a_person_can_hold_and_let_go(manager: Client, relay: Relay) -> None:
    assertRedirects(manager.post(f"{PAGE}retenir/", {"relay": relay.code, "why": "compteur cassé"}), PAGE, fetch_redirect_response=False)
    do(manager, "bill")
    page = manager.get(PAGE)
    assertContains(page, "compteur cassé")
    assertContains(page, "anomalie")
    held = Hold.objects.get()
    manager.post(f"{PAGE}laisser-passer/{held.pk}/")
    assert not Hold.objects.exists()
    do(manager, "bill")
    assertContains(manager.get(PAGE), "Aucun relais en attente.")
    assert set(JournalEntry.objects.filter(subject=f"relay:{relay.code}").values_list("act", flat=True)) == {"held", "let go"}


def test_holding_needs_a_reason_and_a_relay_that_exists(manager: Client, relay: Relay) -> None:
    assertContains(manager.post(f"{PAGE}retenir/", {"relay": relay.code, "why": " "}), "Dites pourquoi", status_code=409)
    assert manager.post(f"{PAGE}retenir/", {"relay": "nobody", "why": "x"}).status_code == 404
    holding.hold(relay=relay, month=OCTOBER.first, why="x", by=world.camille())
    assertContains(manager.post(f"{PAGE}retenir/", {"relay": relay.code, "why": "y"}), "déjà retenu", status_code=409)


@pytest.mark.usefixtures("relay")
def test_a_sample_is_a_pdf_marked_projet_and_keeps_nothing(manager: Client) -> None:
    do(manager, "bill")
    draft = Draft.objects.get()
    with world.on(world.BILLED_ON):
        response = manager.get(f"/bureau/mois/projet/{draft.pk}.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert not Invoice.objects.exists()


@pytest.mark.usefixtures("relay")
def test_the_live_page_says_that_nobody_works(manager: Client) -> None:
    manager.post(f"{PAGE}bill/")
    page = manager.get(f"{PAGE}en-cours/")
    assertContains(page, "Actualiser")
    assertContains(page, "Aucun processus de travail ne répond")


def test_the_live_page_of_a_month_at_rest_does_not_renew_itself(manager: Client) -> None:
    assertNotContains(manager.get(f"{PAGE}en-cours/"), "hx-get")


def test_an_empty_month_says_so(manager: Client) -> None:
    assertContains(manager.get(PAGE), "Aucune activité de ce mois")
    assert manager.get("/bureau/mois/2026-13/").status_code == 404
    assert manager.get("/bureau/mois/").status_code == 302


@pytest.mark.parametrize("path", ["", "approuver/", "bill/", "en-cours/", "projet/1.pdf"])
def test_others_do_not_come_in(path: str, owner: Client, clerk: Client, support: Client, visitor: Client) -> None:
    address = f"/bureau/mois/{path}" if path.startswith("projet") else f"{PAGE}{path}"
    for browser in (owner, clerk, support):
        assert browser.get(address).status_code == 403
    assert visitor.get(address).status_code == 302


@pytest.mark.parametrize("path", ["reessayer/", "retenir/", "laisser-passer/1/"])
def test_what_changes_something_is_posted(path: str, manager: Client, support: Client) -> None:
    assert manager.get(f"{PAGE}{path}").status_code == 405
    assert support.post(f"{PAGE}{path}").status_code == 403


@pytest.mark.usefixtures("relay")
def test_the_page_takes_few_queries(manager: Client, django_assert_max_num_queries: object) -> None:
    do(manager, "bill")
    with django_assert_max_num_queries(36):  # type: ignore[operator]
        manager.get(PAGE)
