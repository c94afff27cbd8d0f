"""E-mail instead of paper, and back: the shop's own act, in two clicks, with its evidence."""

import datetime as dt
import html
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from relays import opting_in
from relays.importing.consent import taken_over
from relays.models import Identity, OptIn, Relay
from relays.opting_in import AnotherAddress, Seen
from selfbilling.models import JournalEntry
from tests import cast, world

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 10)
URL = "/relais/R0001/email/"
SENTENCE = (
    "J’accepte de recevoir par e-mail, à l’adresse r0001@example.org, et non plus par courrier, "
    "les factures que Réseau Relais SAS établit en mon nom, à partir d’aujourd’hui. Je peux revenir au papier à tout moment."
)


@pytest.fixture(autouse=True)
def tenth_of_november() -> Iterator[None]:
    with world.on(TODAY):
        yield


@pytest.fixture
def shop(db: None) -> Relay:
    return world.relay(opted_in=False)


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def choose(browser: Client, **given: str) -> Any:
    return browser.post(URL, {"choice": "email", "address": "r0001@example.org", **given}, headers={"user-agent": "Firefox/150"})


def test_the_page_shows_the_very_words_and_ticks_nothing(owner: Client) -> None:
    page = text(owner.get(URL))
    assert SENTENCE in page
    assert "checked" not in page
    assert 'type="checkbox"' not in page
    assert not OptIn.objects.exists()


def test_one_button_and_invoices_go_by_e_mail_from_today_on(owner: Client, shop: Relay) -> None:
    response = choose(owner)
    assert (response.status_code, response["Location"]) == (302, URL)
    given = OptIn.objects.get()
    assert (given.given_on, given.withdrawn_on, given.source) == (TODAY, None, OptIn.Source.PORTAL)
    assert opting_in.opted_in(TODAY, [shop.pk]) == {shop.pk}
    assert opting_in.opted_in(TODAY - dt.timedelta(days=1), [shop.pk]) == set()
    page = text(owner.get(URL))
    assert "Par e-mail, depuis le 10\u00a0novembre\u00a02026" in page
    assert "C’est fait" in page


def test_the_evidence_is_the_sentence_who_when_and_from_where(owner: Client) -> None:
    choose(owner)
    evidence = OptIn.objects.get().evidence
    at = dt.datetime.fromisoformat(evidence.pop("at"))
    assert at.date() == TODAY
    alice = cast.person("alice@example.org")
    assert evidence == {
        "words": SENTENCE,
        "language": "fr",
        "email": "r0001@example.org",
        "person": alice.pk,
        "name": "Alice N’Guyen",
        "login": "alice@example.org",
        "address": "127.0.0.1",
        "user_agent": "Firefox/150",
    }
    entry = JournalEntry.objects.get(act="chose e-mail")
    assert (entry.by, entry.subject, entry.address) == (alice, "relay:R0001", "127.0.0.1")
    assert (entry.detail["before"], entry.detail["after"]) == ("paper", "email")


def test_the_next_invoice_goes_by_e_mail_and_after_the_withdrawal_by_post(owner: Client, shop: Relay) -> None:
    world.tariff()
    choose(owner)
    world.did(shop, 5)
    world.billed_approved_and_issued(TODAY)
    assert shop.invoices.get().channel == "email"


def test_back_to_paper_the_same_way_with_its_own_evidence(owner: Client, shop: Relay) -> None:
    choose(owner)
    assert "Je ne souhaite plus recevoir mes factures par e-mail." in text(owner.get(URL))
    with world.on(TODAY + dt.timedelta(days=3)):
        assert owner.post(URL, {"choice": "paper"}).status_code == 302
    given = OptIn.objects.get()
    assert given.withdrawn_on == TODAY + dt.timedelta(days=3)
    assert given.evidence["words"] == SENTENCE
    withdrawal = given.evidence["withdrawal"]
    assert withdrawal["words"].startswith("Je ne souhaite plus")
    assert (withdrawal["login"], withdrawal["address"]) == ("alice@example.org", "127.0.0.1")
    assert opting_in.opted_in(dt.date(2026, 12, 1), [shop.pk]) == set()
    assert JournalEntry.objects.get(act="chose paper").detail["after"] == "paper"


def test_e_mail_again_the_same_day_is_another_consent(owner: Client, shop: Relay) -> None:
    choose(owner)
    owner.post(URL, {"choice": "paper"})
    choose(owner)
    assert OptIn.objects.count() == 2
    assert OptIn.objects.filter(withdrawn_on=None).count() == 1


def test_a_consent_that_was_taken_over_is_withdrawn_too_and_no_file_brings_it_back(owner: Client, shop: Relay) -> None:
    file = {"file": "relays.csv", "line": 2}
    OptIn.objects.create(relay=shop, given_on=dt.date(2026, 3, 1), source=OptIn.Source.TAKEN_OVER, evidence=file)
    owner.post(URL, {"choice": "paper"})
    given = OptIn.objects.get()
    assert given.evidence["file"] == "relays.csv"
    assert "withdrawal" in given.evidence
    again = taken_over(shop, [given], given_on=dt.date(2026, 3, 1), evidence=file, today=TODAY)
    assert (again.beginning, again.ending) == (None, None)


def test_twice_the_same_is_said_and_changes_nothing(owner: Client) -> None:
    choose(owner)
    response = choose(owner)
    assert response.status_code == 409
    assert "Vous recevez déjà vos factures par e-mail." in text(response)
    owner.post(URL, {"choice": "paper"})
    response = owner.post(URL, {"choice": "paper"})
    assert response.status_code == 409
    assert "Vous recevez déjà vos factures par courrier." in text(response)


def test_without_an_address_it_says_what_to_do_first(owner: Client, shop: Relay) -> None:
    Identity.objects.update(email="")
    page = text(owner.get(URL))
    assert "dites-nous d’abord l’adresse e-mail de votre point relais" in page
    assert "/relais/R0001/demandes/coordonnees/?what=email" in page
    response = choose(owner, address="")
    assert response.status_code == 409
    assert not OptIn.objects.exists()


def test_an_address_that_changed_since_the_page_was_shown_is_not_consented_to(owner: Client, shop: Relay) -> None:
    Identity.objects.create(relay=shop, valid_from=TODAY, email="new@example.org")
    response = choose(owner)
    assert response.status_code == 409
    assert "new@example.org" in text(response)
    with pytest.raises(AnotherAddress):
        opting_in.choose_email(
            relay_id=shop.pk, by=cast.person("alice@example.org"), address="r0001@example.org", seen=Seen(address="", user_agent="")
        )
    assert not OptIn.objects.exists()


def test_the_choice_is_the_owner_s(employee: Client, accountant: Client, stranger: Client, visitor: Client, shop: Relay) -> None:
    for browser in (employee, accountant, stranger):
        assert browser.get(URL).status_code == 404
        assert choose(browser).status_code == 404
    assert choose(visitor)["Location"].startswith("/compte/")
    assert not OptIn.objects.exists()


def test_other_methods_are_not_allowed(owner: Client) -> None:
    assert owner.put(URL).status_code == 405
