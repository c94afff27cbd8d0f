"""A shop reads its mandate: since when, until when, how long to contest, its words."""

import datetime as dt
import html
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from relays.models import Mandate, MandateText, Relay
from tests import cast, world

pytestmark = pytest.mark.django_db
URL = "/relais/R0001/mandat/"
THIN = "\u202f"


@pytest.fixture(autouse=True)
def tenth_of_november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


@pytest.fixture
def shop(db: None) -> Relay:
    return world.relay(mandate=None)


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_the_mandate_in_force_with_its_delay(accountant: Client, shop: Relay) -> None:
    world.give_mandate(shop, dt.date(2025, 12, 1))
    page = text(accountant.get(URL))
    assert "Réseau Relais SAS établit vos factures en votre nom depuis le 1er\u00a0décembre\u00a02025" in page
    assert "depuis le 1er\u00a0décembre\u00a02025, sans date de fin" in page
    assert "30 jours à partir de sa date, et au moins autant après sa réception" in page
    assert "sur papier, le 1er\u00a0décembre\u00a02025" in page
    assert "Vous l’avez signé sur papier" in page
    assert "C’est toujours vous qui devez la TVA de ces factures." in page


def test_its_words_are_shown_as_words(owner: Client, shop: Relay) -> None:
    world.give_mandate(shop, dt.date(2025, 12, 1))
    MandateText.objects.update(body="Article 1 : le mandant <donne> mandat.\n\nArticle 2 : …")
    response = owner.get(URL)
    assert "Article 1 : le mandant <donne> mandat." in text(response)
    assert "&lt;donne&gt;" in response.content.decode()
    assert "Vous l’avez signé sur papier" not in text(response)


def test_without_a_delay_it_says_that_silence_accepts_nothing(owner: Client, shop: Relay) -> None:
    world.give_mandate(shop, dt.date(2025, 12, 1), contest_days=None)
    assert f"aucun délai n’est fixé{THIN}: une facture n’est acceptée que si vous le dites" in text(owner.get(URL))


def test_its_last_day_counts_and_the_next_one_follows(owner: Client, shop: Relay) -> None:
    world.give_mandate(shop, dt.date(2025, 12, 1), dt.date(2026, 11, 10))
    world.give_mandate(shop, dt.date(2026, 11, 11), contest_days=15)
    page = text(owner.get(URL))
    assert "du 1er\u00a0décembre\u00a02025 au 10\u00a0novembre\u00a02026 inclus" in page
    assert "Ce qui vient ensuite" in page
    with world.on(dt.date(2026, 11, 11)):
        page = text(owner.get(URL))
    assert "en votre nom depuis le 11\u00a0novembre\u00a02026" in page
    assert "1 mandat précédent" in page


def test_one_that_is_being_checked_asks_for_patience(owner: Client, shop: Relay) -> None:
    world.give_mandate(shop, dt.date(2025, 12, 1))
    Mandate.objects.update(state=Mandate.State.CONSENTED)
    page = text(owner.get(URL))
    assert "Nous vérifions votre mandat" in page
    assert "Vous n’avez rien à faire." in page


def test_none_says_what_that_means_and_why_the_last_was_refused(owner: Client, shop: Relay) -> None:
    assert "Aucun mandat n’est en vigueur" in text(owner.get(URL))
    world.give_mandate(shop, dt.date(2025, 12, 1))
    decided_at = dt.datetime(2026, 11, 3, tzinfo=dt.UTC)
    Mandate.objects.update(state="rejected", reason="signature illisible", decided_by=cast.clerk(), decided_at=decided_at)
    page = text(owner.get(URL))
    assert f"Le dernier n’a pas pu être accepté, le 3\u00a0novembre\u00a02026{THIN}: signature illisible" in page


def test_strangers_find_nothing_visitors_sign_in_and_nobody_posts(stranger: Client, visitor: Client, owner: Client, shop: Relay) -> None:
    assert stranger.get(URL).status_code == 404
    assert visitor.get(URL)["Location"].startswith("/compte/")
    assert owner.post(URL).status_code == 405
    assert owner.get("/mandat/")["Location"] == URL
