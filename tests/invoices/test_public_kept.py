"""Whoever holds an invoice on paper opens its QR code: number, day, total and verdict, and nothing else."""

import datetime as dt
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from invoices import production, rendering
from invoices.models import Document, Invoice
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


@pytest.fixture
def page(invoice: Invoice) -> str:
    return reverse("public:token", args=[invoice.token])


def archived(document: Document) -> Path:
    return Path(settings.ARCHIVE_DIR) / document.sha256[:2] / document.sha256[2:4] / document.sha256


def test_the_paper_leads_to_the_page_by_an_address_with_the_token(invoice: Invoice, page: str) -> None:
    content = rendering.content(invoice, lines=invoice.lines.all(), vat_totals=invoice.vat_totals.all(), test=True)
    assert content.verify_url == settings.SITE_URL + page
    assert str(invoice.token) in page


def test_it_says_number_day_total_and_that_the_file_is_authentic(visitor: Client, invoice: Invoice, page: str) -> None:
    world.sealed_and_archived()
    answer = visitor.get(page)
    assertContains(answer, "Facture R0001-2026-00001")
    assertContains(answer, "2\u00a0novembre\u00a02026")
    assertContains(answer, "46,20")
    assertContains(answer, "Authentique")
    assertContains(answer, "Un cachet d’essai ne prouve rien devant la loi.")
    for private in (invoice.seller["iban"], invoice.seller["address_line1"], invoice.seller["email"], invoice.seller["name"], ".pdf"):
        assertNotContains(answer, private)
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"


def test_before_the_seal_it_is_not_called_authentic(visitor: Client, page: str) -> None:
    answer = visitor.get(page)
    assertContains(answer, "son cachet est en cours")
    assertNotContains(answer, "Authentique")


def test_a_guessed_token_learns_nothing(visitor: Client, page: str) -> None:
    assert visitor.get(reverse("public:token", args=[uuid.uuid4()])).status_code == 404
    assert visitor.get("/v/R0001-2026-00001/").status_code == 404
    assert visitor.post(page).status_code == 405


def test_who_guesses_without_end_has_to_wait(visitor: Client, page: str) -> None:
    codes = [visitor.get(reverse("public:token", args=[uuid.uuid4()])).status_code for _ in range(61)]
    assert codes.count(404) == 60
    assert visitor.get(page).status_code == 429


def test_a_damaged_archive_is_never_called_authentic(visitor: Client, page: str, caplog: pytest.LogCaptureFixture) -> None:
    world.sealed_and_archived()
    document = Document.objects.get()
    file = archived(document)
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    answer = visitor.get(page)
    assert answer.status_code == 503
    assert "Authentique" not in answer.content.decode()
    assert f"invoice {document.invoice_id}" in caplog.text


def test_a_missing_file_is_said(visitor: Client, page: str) -> None:
    world.sealed_and_archived()
    archived(Document.objects.get()).unlink()
    assert visitor.get(page).status_code == 503


def test_each_invoice_has_a_token_of_its_own_for_good(invoice: Invoice) -> None:
    assert isinstance(invoice.token, uuid.UUID)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="is final"):
        cursor.execute("UPDATE invoices_invoice SET token = gen_random_uuid()")


def test_no_two_have_one(invoice: Invoice) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'invoices_invoice' AND indexdef LIKE 'CREATE UNIQUE%%(token)'")
        assert cursor.fetchone() == (1,)


def test_a_file_that_does_not_verify_is_never_called_authentic(
    visitor: Client, page: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As if the certificate had never been ours."""
    world.sealed_and_archived()
    monkeypatch.setattr("invoices.proving.certificate_of", lambda _: {})
    answer = visitor.get(page)
    assert answer.status_code == 500
    assert "Authentique" not in answer.content.decode()
    assert production.original(Document.objects.get())
    assert "does not verify" in caplog.text
