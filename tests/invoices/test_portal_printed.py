"""An invoice's page on paper, as Chromium prints it."""

import subprocess
from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Page

from invoices.models import Invoice

pytestmark = [pytest.mark.django_db, pytest.mark.requires("chromium", "pdftotext")]


def printed(page: Page) -> str:
    """The text of what the browser prints."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=page.pdf(format="A4"), capture_output=True, check=True)
    return done.stdout.decode().replace("\u00a0", " ").replace("\u202f", " ")


def test_what_is_folded_on_the_screen_is_open_on_paper(owner: Client, invoice: Invoice, visit: Callable[..., Page]) -> None:
    page = visit(owner, f"/factures/{invoice.number}/")
    assert not page.get_by_role("rowheader", name="10 octobre").is_visible()
    text = printed(page)
    assert "10 octobre" in text
    assert "Contester cette facture" not in text  # nothing can be pressed on paper
