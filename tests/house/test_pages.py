"""The frame around every page, the pages for when something is wrong, and what a browser is allowed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client, RequestFactory
from pytest_django.asserts import assertContains

from selfbilling import doors
from selfbilling.errors import Refused, Unavailable
from tests import cast

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATES = PROJECT / "templates"
PRODUCTION = {
    "SITE_URL": "https://factures.reseau.example",
    "SECRET_KEY": "k7c2XvQ0sW9bLr4Zp8TnYf3JhGd6MaUe1RiOoKxV5wCqBzSyNt",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
    "OPERATOR_SERIES": "NW",
    "OPERATOR_NAME": "Réseau SAS",
    "OPERATOR_LEGAL_FORM": "SAS",
    "OPERATOR_SIRET": "28724467700848",
    "OPERATOR_VAT_NUMBER": "FR11287244677",
    "OPERATOR_ADDRESS_LINE1": "1 rue de la Paix",
    "OPERATOR_POSTCODE": "75002",
    "OPERATOR_CITY": "Paris",
    "OPERATOR_EMAIL": "relais@reseau.example",
    "SEAL_PKCS12": "/nowhere/seal.p12",
}


def test_nothing_is_there_in_our_frame() -> None:
    page = cast.browser().get("/nulle-part/")
    assertContains(page, "Cette page n’existe pas", status_code=404)
    assertContains(page, '<html lang="fr">', status_code=404)
    assertContains(page, settings.OPERATOR["email"], status_code=404)


def test_a_form_without_its_token_is_refused_and_says_what_to_do() -> None:
    browser = Client(enforce_csrf_checks=True)
    assertContains(browser.post("/compte/login/", {"login": "x"}), "ouverte depuis trop longtemps", status_code=403)


@pytest.mark.django_db
def test_a_page_of_the_desk_is_not_for_everybody() -> None:
    support = cast.browser(cast.support())
    assertContains(support.get("/admin/relays/person/"), "n’est pas pour vous", status_code=403)


def test_our_own_mistake_asks_nothing_of_the_database() -> None:
    """Without the mark for it, a query here would be an error."""
    request = RequestFactory().get("/")
    assertContains(doors.failed(request), "Quelque chose s’est mal passé chez nous", status_code=500)
    assertContains(doors.malformed(request), "Nous n’avons pas compris", status_code=400)
    assertContains(doors.failed(request), settings.OPERATOR["email"], status_code=500)


def test_a_host_that_we_are_not_is_told_so_in_our_frame() -> None:
    assertContains(cast.browser().get("/aide/", headers={"host": "elsewhere.example"}), "Nous n’avons pas compris", status_code=400)


@pytest.mark.django_db
@pytest.mark.parametrize(("error", "status"), [(Refused("Le délai est passé."), 409), (Unavailable("Le coffre ne répond pas."), 503)])
def test_a_rule_that_says_no_has_its_page_wherever_it_was_met(error: Exception, status: int) -> None:
    def page(_request: object) -> None:
        raise error

    request = RequestFactory().get("/")
    answer = doors.DoorMiddleware(page).process_exception(request, error)  # type: ignore[arg-type]
    assert answer is not None
    assertContains(answer, str(error), status_code=status)
    assert doors.DoorMiddleware(page).process_exception(request, ValueError()) is None  # type: ignore[arg-type]


def test_a_browser_runs_nothing_that_is_not_ours() -> None:
    policy = cast.browser().get("/aide/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_no_page_carries_style_or_script_in_itself() -> None:
    found = []
    for file in TEMPLATES.rglob("*.html"):
        name, text = file.relative_to(TEMPLATES).as_posix(), file.read_text()
        if name.startswith("emails/"):  # mail has no stylesheet
            continue
        scripts = [tag for tag in re.findall(r"<script\b[^>]*>", text) if "src=" not in tag and "application/json" not in tag]
        if scripts or re.search(r"<style\b|\sstyle=|\son\w+=\"|javascript:", text):
            found.append(name)
        if re.search(r"(src|href)=\"(https?:)?//", text):
            found.append(f"{name}: another host")
    assert found == []


def test_the_stylesheet_is_small() -> None:
    assert os.path.getsize(str(finders.find("selfbilling/style.css"))) <= 15_000


def test_what_is_stylised_is_said_in_the_tokens_only() -> None:
    """A colour of its own would not follow the dark."""
    text = Path(str(finders.find("selfbilling/style.css"))).read_text()
    rules = re.sub(r":root\s*{[^}]*}", "", text)
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", rules)) <= {"#fff"}  # behind a square to scan


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(scheme: int) -> None:
    text = Path(str(finders.find("selfbilling/style.css"))).read_text()
    token = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", re.findall(r":root\s*{([^}]*)}", text)[scheme]))
    pairs = [(ink, back) for ink in ("ink", "soft", "accent", "warn", "danger") for back in ("paper", "card", "tint")]
    poor = {pair: round(contrast(token[pair[0]], token[pair[1]]), 2) for pair in [*pairs, ("on-accent", "accent")]}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}


@pytest.mark.django_db
def test_the_help_page_is_for_anyone() -> None:
    page = cast.browser().get("/aide/")
    assertContains(page, "Autofacturation")
    assert len(page.content) <= 60_000
    assert cast.browser().post("/aide/").status_code == 405


def test_a_production_is_checked_clean() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "TESTS_", "DATA_DIR"))}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=PROJECT,
        env={**environment, **PRODUCTION, "DATA_DIR": str(settings.DATA_DIR / "checked")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


def test_cookies_are_safe_in_production() -> None:
    code = (
        "import django.conf as c; s = c.settings; "
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.SECURE_SSL_REDIRECT)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TESTS_", "DATA_DIR"))}
    environment |= {**PRODUCTION, "DATA_DIR": str(settings.DATA_DIR / "checked"), "DJANGO_SETTINGS_MODULE": "selfbilling.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True", "Lax", "True"]
