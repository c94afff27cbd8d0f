"""axe-core finds nothing on any page whose template is ours, nothing scrolls sideways, and a thumb meets everything.

At 1280 pixels in light, at 360 in dark. A page that no scene opens fails here: a new address, a new template.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser

from tests.journeys.looking import Browsed, Look, Screens
from tests.journeys.scenes import account, admin, anyone, desk, portal

pytestmark = pytest.mark.django_db
SCENES = [scene for room in (portal, account, anyone, desk, admin) for scene in room.SCENES]
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NO_PAGE = {
    "a file, to save or to show": {
        *("portal:pdf", "portal:xml", "portal:zip", "portal:table", "portal:dispute_file", "desk:dispute_file", "desk:sample"),
        *("admin:relays_relay_bad_rows", "admin:invoices_run_bad_rows", "admin:invoices_document_file", "mfa_download_recovery_codes"),
        *("admin:relays_mandate_scan", "admin:relays_mandate_copy", "relay:mandate_scan", "relay:mandate_copy"),
    },
    "leads elsewhere": {
        *("desk:month", "account_signup", "account_email", "account_email_verification_sent", "account_confirm_email"),
        *("account_confirm_login_code", "set_language"),
    },
    "only posted to": {"desk:retry", "desk:let_go", "admin:relays_relay_withdraw"},
    "read by a script": {"mfa_login_webauthn"},
}
NEVER_SHOWN = {
    "account/signup_closed.html": "nobody signs up: the address leads to the sign-in page",
}
seen: dict[str, Look] = {}
"""What each scene that was played has looked at."""


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"
    settings.MAIL_DIR, settings.PAPER_DIR = tmp_path / "mail", tmp_path / "paper"


@pytest.fixture(scope="module")
def screens(chromium: Browser) -> Iterator[Screens]:
    opened = Screens(chromium)
    yield opened
    opened.close()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_axe_finds_nothing(scene: Callable[[Look], None], screens: Screens) -> None:
    look = seen[scene.__name__] = Browsed(screens)
    with look.at_templates():
        scene(look)
    assert not look.found, "\n".join(look.found)


@pytest.fixture
def played() -> list[Look]:
    """All scenes, those that were not looked at in a browser without one; each leaves nothing behind."""
    for scene in SCENES:
        if scene.__name__ not in seen:
            look = seen[scene.__name__] = Look()
            with look.at_templates(), transaction.atomic():
                scene(look)
                transaction.set_rollback(True)
    return list(seen.values())


def addresses(patterns: list[Any], namespace: str = "") -> Iterator[str]:
    """The names of the addresses with pages of ours; of the admin and of allauth too, where the page is ours."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, pattern.namespace or namespace)
        elif pattern.name and (namespace != "admin" or is_our_own(pattern)):
            yield f"{namespace}:{pattern.name}" if namespace else pattern.name


def is_our_own(pattern: URLPattern) -> bool:
    """Whether a page of the admin is more than Django's list."""
    module = pattern.callback.__module__
    return not module.startswith("django.") and not str(pattern.name).endswith("_changelist")


def test_no_address_is_forgotten(played: list[Look]) -> None:
    looked_at = set().union(*(look.addresses for look in played))
    no_page = set().union(*NO_PAGE.values())
    names = set(addresses(get_resolver().url_patterns))
    assert sorted(names - looked_at - no_page) == [], "no scene opens these"
    assert sorted(no_page - names) == [], "there is no such address any more"


def test_no_template_is_forgotten(played: list[Look]) -> None:
    used = set().union(*(look.templates for look in played))
    ours = {str(file.relative_to(TEMPLATES)) for file in TEMPLATES.rglob("*.html")}
    elements = {name for name in ours if name.startswith("allauth/")}  # for those of allauth's pages that are not ours
    assert sorted(ours - used - elements - set(NEVER_SHOWN)) == [], "no scene shows these"
