"""What a shop asks: "my details changed", its list with our answers."""

import datetime as dt
import html
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from relays import answering, claiming
from relays.answering import AlreadyAnswered
from relays.models import Identity, Relay, Request
from selfbilling.models import JournalEntry
from tests import cast, world

pytestmark = pytest.mark.django_db
URL = "/relais/R0001/demandes/"
CHANGE = {"what": ["iban", "address"], "since": "2026-12-01", "text": "FR76 3000 4000 0312"}
THIN = "\u202f"


@pytest.fixture(autouse=True)
def tenth_of_november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_nothing_was_asked_yet(owner: Client) -> None:
    assert "Vous ne nous avez encore rien demandé." in text(owner.get(URL))


def test_a_change_reaches_the_desk_and_changes_nothing_by_itself(employee: Client, shop: Relay) -> None:
    before = Identity.objects.values().get()
    response = employee.post(f"{URL}coordonnees/", CHANGE)
    assert (response.status_code, response["Location"]) == (302, URL)
    asked = Request.objects.get()
    assert (asked.kind, asked.about, asked.by.email) == ("details_changed", "address,iban", "bob@example.org")
    assert asked.text == f"À partir du 1 décembre 2026{THIN}:\nFR76 3000 4000 0312"
    assert Identity.objects.values().get() == before
    entry = JournalEntry.objects.get(act="reported a change")
    assert (entry.subject, entry.detail) == ("relay:R0001", {"request": asked.pk, "about": "address,iban", "since": "2026-12-01"})
    page = text(employee.get(URL))
    assert f"Changement{THIN}: l’adresse et le compte bancaire (IBAN)" in page
    assert "Nous nous en occupons" in page


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        ({"what": []}, "Cochez ce qui change."),
        ({"since": ""}, "Dites à partir de quel jour."),
        ({"since": "demain"}, f"Ce n’est pas une date{THIN}: écrivez-la ainsi, 31/12/2026."),
        ({"text": " "}, "Écrivez ce que c’est désormais."),
    ],
)
def test_each_mistake_is_said_beside_its_field(owner: Client, wrong: dict[str, Any], because: str) -> None:
    response = owner.post(f"{URL}coordonnees/", CHANGE | wrong)
    assert response.status_code == 422
    assert text(response).count(because) == 2
    assert not Request.objects.exists()


def test_the_same_twice_is_said_once(owner: Client) -> None:
    owner.post(f"{URL}coordonnees/", CHANGE)
    response = owner.post(f"{URL}coordonnees/", CHANGE)
    assert response.status_code == 409
    assert "Vous nous avez déjà envoyé ce changement" in text(response)
    assert Request.objects.count() == 1


def test_what_is_known_is_shown_but_not_the_whole_account(owner: Client) -> None:
    page = text(owner.get(f"{URL}coordonnees/?what=email"))
    assert "12 rue de l’Œuvre" in page
    assert "IBAN qui se termine par 2085611"[-4:] in page
    assert "FR7690059324024422242085611" not in page
    assert page.count("checked") == 1


def test_an_answer_is_read_in_the_portal_and_in_a_letter(owner: Client, shop: Relay) -> None:
    asked = claiming.claim(relay_id=shop.pk, number="R0001-2026-00001", text="", by=cast.person("alice@example.org"))
    sacha = cast.support()
    answered = answering.answer(request_id=asked.pk, by=sacha, text="Elle est repartie <hier>.")
    assert answering.tell(answered)
    page = text(owner.get(URL))
    assert "La facture R0001-2026-00001 n’est pas arrivée" in page
    assert "Répondu le 10\u00a0novembre\u00a02026" in page
    assert "Elle est repartie <hier>." in page
    assert "&lt;hier&gt;" in owner.get(URL).content.decode()
    (letter,) = mail.outbox
    assert letter.to == ["alice@example.org"]
    assert URL in letter.body
    assert JournalEntry.objects.get(act="answered a request").by == sacha
    with pytest.raises(AlreadyAnswered, match="Sacha Perrin"):
        answering.answer(request_id=asked.pk, by=sacha, text="Encore.")


def test_an_answered_claim_may_be_made_again(shop: Relay) -> None:
    alice = cast.owner(shop)
    first = claiming.claim(relay_id=shop.pk, number="R0001-2026-00001", text="", by=alice)
    answering.answer(request_id=first.pk, by=cast.support(), text="Renvoyée.")
    assert claiming.claim(relay_id=shop.pk, number="R0001-2026-00001", text="Toujours rien.", by=alice)


def test_a_stranger_finds_nothing_and_a_visitor_signs_in(stranger: Client, visitor: Client, shop: Relay) -> None:
    for page in (URL, f"{URL}coordonnees/"):
        assert stranger.get(page).status_code == 404
        assert visitor.get(page)["Location"].startswith("/compte/")
    assert stranger.post(f"{URL}coordonnees/", CHANGE).status_code == 404
    assert not Request.objects.exists()


def test_other_methods_are_not_allowed(owner: Client) -> None:
    assert owner.post(URL).status_code == 405
    assert owner.delete(f"{URL}coordonnees/").status_code == 405


def test_without_a_code_one_s_only_shop_is_meant_and_of_several_one_chooses(owner: Client, stranger: Client, shop: Relay) -> None:
    assert owner.get("/demandes/")["Location"] == URL
    assert owner.post("/demandes/").status_code == 405
    assert stranger.get("/demandes/").status_code == 404
    cast.owner(world.relay("R0002", shop=1, trade_name="Tabac-Presse N’Guyen"))
    page = text(owner.get("/demandes/"))
    assert "Quel point relais" in page
    assert "/relais/R0002/demandes/" in page
    assert "Tabac-Presse N’Guyen" in page
