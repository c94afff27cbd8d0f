"""What the public page says of a file, with its details unfolded, is read by anyone on both sizes of screen."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Browser, Page

from invoices.models import Invoice
from invoices.sealing.keys import Home
from invoices.sealing.seal import seal
from tests import cast, world
from tests.invoices.at_both_doors import PAGE, kept
from tests.invoices.attacks import KEY, OURS, SEALED, STRANGER, digits_replaced
from tests.invoices.authorities import authority
from tests.invoices.prolonged import Levels, levels
from tests.invoices.seals import NOW, plain_pdf
from tests.journeys.looking import Browsed, Screens
from tests.journeys.screens import Screen

pytestmark = pytest.mark.django_db
FILES = {
    "kept": SEALED,
    "not kept": seal(plain_pdf(), key=KEY, at=NOW),
    "altered": SEALED.replace(b"CreationDate", b"CreationDatf", 1),
    "added to": SEALED + b"%more\n",
    "broken": digits_replaced(b"\x30\x00"),
    "others": seal(plain_pdf(), key=STRANGER, at=NOW),
    "not sealed": plain_pdf(),
    "not a PDF": b"PK\x03\x04",
}


class Unfolded(Browsed):
    """Looks at a page with all its details open."""

    def _judge(self, name: str, page: Page, screen: Screen, rules: dict[str, Any]) -> None:
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        super()._judge(name, page, screen, rules)


@pytest.fixture
def look(chromium: Browser) -> Iterator[Unfolded]:
    screens = Screens(chromium)
    with world.on(dt.date(2026, 11, 10)):
        yield Unfolded(screens)
    screens.close()


def given(look: Unfolded, pdf: bytes) -> str:
    answer = look(cast.browser(), PAGE, {"file": SimpleUploadedFile("facture.pdf", pdf)})
    return answer.content.decode()


def test_each_verdict(look: Unfolded, db: None) -> None:
    kept(SEALED, ours=OURS, invoice=world.an_invoice())
    for pdf in FILES.values():
        assert "<details>" in given(look, pdf)
    assert not look.found, "\n".join(look.found)


@pytest.fixture(scope="module")
def made() -> Iterator[Levels]:
    with authority() as running:
        yield levels(running)


def test_one_with_many_timestamps(look: Unfolded, made: Levels, settings: Any) -> None:
    settings.TIMESTAMP_ROOTS = (made.root,)
    invoice: Invoice = world.an_invoice()
    kept(made.renewed, ours={made.judged(made.b).certificate: Home.SOFTWARE}, invoice=invoice, level="B-LTA")
    assert given(look, made.renewed).count("<dt>Horodatage</dt>") == 3
    assert not look.found, "\n".join(look.found)
