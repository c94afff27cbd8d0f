"""What renews itself at the desk, in a real browser and without JavaScript: a month at work, and what support seeks."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.asserts import assertContains, assertNotContains

from invoices.models import Work
from tests import cast, world
from tests.world import OCTOBER

pytestmark = [pytest.mark.django_db, pytest.mark.requires("chromium")]
LIVE = "/bureau/mois/2026-10/en-cours/"
SEARCH = "/bureau/support/"
PART = {"HX-Request": "true"}


def test_what_is_not_ours_is_as_it_was_published() -> None:
    file = Path(str(finders.find("selfbilling/htmx-2.0.11.min.js")))
    licence = file.with_name("htmx-2.0.11.LICENSE.txt").read_text()
    assert hashlib.sha256(file.read_bytes()).hexdigest() in licence
    assert "Zero-Clause BSD" in licence


# A month at work.


@pytest.fixture
def work(manager: Client) -> Work:
    """Billing, asked for and begun: 40 of 100 done."""
    return Work.objects.create(
        period=OCTOBER.first, act=Work.Act.BILL, asked_by=cast.manager(), started_at=timezone.now(), total=100, done=40
    )


def test_the_month_s_progress_renews_itself_and_its_end_alone_is_announced(manager: Client, work: Work, visit: Callable[..., Page]) -> None:
    page = visit(manager, LIVE)
    page.get_by_text("40 / 100").wait_for()
    page.evaluate("window.sameDocument = true")
    assert page.get_by_role("status").text_content() == ""
    Work.objects.update(done=70)
    page.get_by_text("70 / 100").wait_for()
    assert page.get_by_role("status").text_content() == ""
    Work.objects.update(done=100, ended_at=timezone.now())
    page.get_by_role("heading", name="C’est fait").wait_for()
    assert page.get_by_role("status").text_content() == "C’est fait"
    assert page.title().startswith("C’est fait")
    assert page.locator("[hx-get]").count() == 0  # nothing is asked for any more
    assert page.evaluate("window.sameDocument")


def test_a_session_that_ended_meanwhile_leads_to_signing_in(manager: Client, work: Work, visit: Callable[..., Page]) -> None:
    page = visit(manager, LIVE)
    manager.logout()
    page.get_by_label("Mot de passe").wait_for()
    assert page.locator(".top").count() == 1  # a page, not a page in a page


def test_without_javascript_a_link_renews_it(manager: Client, work: Work, visit: Callable[..., Page]) -> None:
    page = visit(manager, LIVE, java_script_enabled=False)
    Work.objects.update(done=70)
    page.get_by_role("link", name="Actualiser").click()
    page.get_by_text("70 / 100").wait_for()


def test_only_the_part_is_fetched_again_and_a_month_at_rest_asks_for_nothing(manager: Client, work: Work) -> None:
    part = manager.get(LIVE, headers=PART)
    assertContains(part, 'hx-trigger="every 2s"')
    assertNotContains(part, "<html")
    assert "HX-Request" in part["Vary"]
    work.ended_at = timezone.now()
    work.save()
    page = manager.get(LIVE)
    assertNotContains(page, "hx-get")
    assertNotContains(page, "htmx")


# What support seeks.


def test_support_finds_while_it_types_and_the_address_says_what(support: Client, visit: Callable[..., Page]) -> None:
    world.relay("R0001", legal_name="Œuvre")
    world.relay("R0002", shop=1, legal_name="Tabac")
    page = visit(support, SEARCH)
    page.evaluate("window.sameDocument = true")
    page.get_by_role("searchbox").press_sequentially("tabac")
    page.get_by_role("link", name="Tabac").wait_for()
    page.wait_for_url("**/bureau/support/?q=tabac")
    assert page.get_by_role("status").text_content() == "1 relais"
    assert page.get_by_role("searchbox").evaluate("box => box === document.activeElement")
    page.get_by_role("searchbox").fill("zzz")
    page.get_by_text("Aucun relais ne répond").wait_for()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("heading", name="Contestations").wait_for()
    assert page.evaluate("window.sameDocument")


def test_support_finds_without_javascript(support: Client, visit: Callable[..., Page]) -> None:
    world.relay("R0001", legal_name="Œuvre")
    page = visit(support, SEARCH, java_script_enabled=False)
    page.get_by_role("searchbox").fill("oeuvre")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("heading", name="Œuvre").wait_for()


def test_one_relay_found_while_typing_takes_nobody_away(support: Client) -> None:
    world.relay("R0001", legal_name="Œuvre")
    assert support.get(SEARCH, {"q": "R0001"}).status_code == 302
    part = support.get(SEARCH, {"q": "R0001"}, headers=PART)
    assertContains(part, "Œuvre")
    assertNotContains(part, "<html")
