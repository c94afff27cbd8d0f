"""Anyone may ask whether a file is an invoice of ours; nobody learns anything that the file does not show."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertTemplateUsed

from invoices import choosing_key, production, proving
from invoices.models import Document, Invoice
from invoices.proving import NOT_KEPT
from tests import cast, world
from tests.invoices import seals

pytestmark = pytest.mark.django_db
PAGE = "/verifier/"


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


@pytest.fixture
def pdf(invoice: Invoice) -> bytes:
    world.sealed_and_archived()
    return production.original(Document.objects.get())


def given(browser: Client, data: bytes, *, query: str = "") -> HttpResponse:
    return browser.post(PAGE + query, {"file": SimpleUploadedFile("facture.pdf", data)})  # type: ignore[return-value]


def test_anyone_sees_the_form(visitor: Client, owner: Client) -> None:
    for browser in (visitor, owner):
        page = browser.get(PAGE)
        assertContains(page, "Vérifier une facture")
        assertContains(page, 'enctype="multipart/form-data"')
    assert visitor.put(PAGE).status_code == 405


def test_our_invoice_is_called_ours_with_its_number_and_true_level(visitor: Client, pdf: bytes) -> None:
    page = given(visitor, pdf)
    assertContains(page, "Oui, c’est bien une de nos factures, intacte")
    assertContains(page, "Facture R0001-2026-00001")
    assertContains(page, "Un cachet d’essai ne prouve rien devant la loi.")
    for private in ("46,20", "Épicerie", "28724467700848", "r0001@example.org"):
        assertNotContains(page, private)


def test_a_changed_byte_is_seen(visitor: Client, pdf: bytes) -> None:
    at = pdf.index(b"stream") + 20
    page = given(visitor, pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :])
    assertContains(page, "Ce fichier n’est plus tel qu’il a été cacheté")
    assertNotContains(page, "R0001")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7\nnothing\n%%EOF\n", "Ce PDF ne porte pas de cachet"),
        (b"\x89PNG\r\n\x1a\n", "Ce fichier n’est pas un PDF"),
        (b"<script>alert(1)</script>", "Ce fichier n’est pas un PDF"),
    ],
)
def test_what_is_no_sealed_pdf_is_called_so(visitor: Client, data: bytes, said: str) -> None:
    assertContains(given(visitor, data), said)


def test_a_seal_of_somebody_else_is_not_ours(visitor: Client, invoice: Invoice) -> None:
    page = given(visitor, production.sealed_bytes(invoice, key=seals.key_named("Réseau Relais SAS"), at=seals.NOW))
    assertContains(page, "Ce fichier a été cacheté par quelqu’un d’autre")
    assertNotContains(page, "R0001")


def test_one_that_the_register_does_not_know_is_not_called_ours(visitor: Client, pdf: bytes, invoice: Invoice) -> None:
    again = production.sealed_bytes(invoice, key=choosing_key.seal_key(), at=dt.datetime(2026, 11, 10, 9, tzinfo=dt.UTC))
    assert proving.prove(again).answer == NOT_KEPT
    assertContains(given(visitor, again), "Cacheté par nous, mais absent de notre registre")


def test_it_is_reached_from_an_invoice_and_says_if_the_file_is_another(visitor: Client, pdf: bytes) -> None:
    assertContains(visitor.get(f"{PAGE}?numero=R0001-2026-00001"), "votre fichier de la facture R0001-2026-00001")
    assertNotContains(given(visitor, pdf, query="?numero=R0001-2026-00001"), "d’où vous venez")
    assertContains(given(visitor, pdf, query="?numero=R0009-2026-00001"), "Ce n’est pas la facture R0009-2026-00001, d’où vous venez.")
    assertContains(visitor.get(f"{PAGE}?numero=<b>"), "&lt;b&gt;")


def test_nothing_or_too_much_is_refused_beside_the_field(visitor: Client) -> None:
    page = visitor.post(PAGE)
    assertContains(page, "Choisissez le fichier à vérifier.", count=2, status_code=422)
    assertContains(given(visitor, b""), "Ce fichier est vide.", status_code=422)
    assertContains(given(visitor, b"%PDF-" + bytes(10 * 2**20)), "Ce fichier dépasse 10", status_code=422)
    assertContains(given(visitor, bytes(11 * 2**20 + 1)), "Ce fichier dépasse 10", status_code=413)


def test_nothing_that_is_uploaded_meets_a_disk(visitor: Client, settings: Any, pdf: bytes) -> None:
    """Django puts more than 2.5 MB into a file in /tmp; here it could not."""
    settings.FILE_UPLOAD_TEMP_DIR = "/nowhere"
    assertContains(given(visitor, pdf + bytes(9 * 2**20)), "Ce fichier n’est plus tel qu’il a été cacheté")
    assertContains(given(visitor, bytes(10 * 2**20 + 1)), "Ce fichier dépasse 10", status_code=422)
    page = visitor.post(PAGE, {"file": SimpleUploadedFile("a.pdf", b"x"), "other": SimpleUploadedFile("b.pdf", bytes(5 * 2**20))})
    assertContains(page, "Ce fichier n’est pas un PDF")


def test_a_form_of_another_site_is_refused(pdf: bytes) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert given(browser, pdf).status_code == 403


def test_too_many_from_one_address_are_asked_to_wait(visitor: Client, owner: Client) -> None:
    answers = [given(visitor, b"x") for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assertTemplateUsed(answers[-1], "429.html")
    assert cast.browser().post(PAGE, REMOTE_ADDR="192.0.2.7").status_code == 422
