"""In the admin, billing holds a relay's month by the relay's code, and lets it go."""

import datetime as dt

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invoices.models import Hold
from relays.models import Person
from selfbilling.models import JournalEntry
from tests import cast, world

pytestmark = pytest.mark.django_db
ADD, LIST = "/admin/invoices/hold/add/", "/admin/invoices/hold/"


@pytest.fixture
def boss() -> Client:
    return cast.browser(cast.with_second_factor(Person.objects.create_superuser("boss@example.org", cast.PASSWORD)))


def test_a_relay_is_held_by_its_code(boss: Client) -> None:
    relay = world.relay()
    page = boss.get(ADD)
    assertContains(page, '<label class="required" for="id_relay">Code du relais')
    assertNotContains(page, "select2")
    answer = boss.post(ADD, {"relay": " R0001 ", "period": "2026-10-01", "why": "Compteur en panne"})
    assertRedirects(answer, LIST)
    held = Hold.objects.get()
    assert (held.relay, held.period, held.why) == (relay, dt.date(2026, 10, 1), "Compteur en panne")
    assert JournalEntry.objects.filter(act="held", subject="relay:R0001").exists()


def test_a_code_that_is_no_relay_s_is_said_and_kept(boss: Client) -> None:
    for code in ("R0099", "R\x0001"):
        answer = boss.post(ADD, {"relay": code, "period": "2026-10-01", "why": "Compteur en panne"})
        assert answer.status_code == 200
        assert not Hold.objects.exists()
    answer = boss.post(ADD, {"relay": "R0099", "period": "2026-10-01", "why": "Compteur en panne"})
    assertContains(answer, "Aucun relais ne porte le code R0099.")
    assertContains(answer, 'value="R0099"')


def test_a_month_that_is_held_is_not_held_twice(boss: Client) -> None:
    world.relay()
    boss.post(ADD, {"relay": "R0001", "period": "2026-10-01", "why": "Compteur en panne"})
    answer = boss.post(ADD, {"relay": "R0001", "period": "2026-10-01", "why": "Autre raison"})
    assertContains(answer, "errornote")
    assert Hold.objects.get().why == "Compteur en panne"


def test_the_admin_has_our_icon(boss: Client, visitor: Client) -> None:
    for browser, address in ((boss, "/admin/"), (boss, ADD), (boss, LIST)):
        assertContains(browser.get(address), '<link rel="icon" href="/static/selfbilling/icon.svg" type="image/svg+xml">')
    assert b"".join(visitor.get("/static/selfbilling/icon.svg").streaming_content).startswith(b"<svg")  # type: ignore[attr-defined]
