"""Files to take away: the very bytes that were sealed, for their people alone, not too often."""

import csv
import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from lxml import etree
from pytest_django.asserts import assertContains, assertTemplateUsed

from invoices import bookkeeping, production
from invoices.models import Document, Invoice, Payment
from relays.models import Relay, Role
from selfbilling.models import JournalEntry
from tests import cast, world
from tests.invoices import months

pytestmark = pytest.mark.django_db
NUMBER = "R0001-2026-00001"
PDF, XML = f"/factures/{NUMBER}.pdf", f"/factures/{NUMBER}.xml"
RELAY_ZIP, RELAY_CSV = "/relais/R0001/factures/zip/", "/relais/R0001/factures/csv/"
ALL = [PDF, XML, f"{RELAY_ZIP}?annee=2026", f"{RELAY_CSV}?annee=2026", f"{RELAY_ZIP}?numero={NUMBER}"]


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


@pytest.fixture
def sealed(invoice: Invoice) -> Document:
    world.sealed_and_archived()
    return Document.objects.get(invoice=invoice)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def names(response: Any) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(body(response))) as archive:
        assert archive.testzip() is None
        return archive.namelist()


@pytest.mark.parametrize("url", ALL)
def test_nobody_else_gets_anything(owner: Client, stranger: Client, visitor: Client, sealed: Document, url: str) -> None:
    assert stranger.get(url).status_code == 404
    assert visitor.get(url).status_code == 302
    assert owner.post(url).status_code == 405
    assert owner.get(url).status_code == 200


def test_the_pdf_is_the_sealed_bytes(owner: Client, sealed: Document) -> None:
    response = owner.get(PDF)
    assert hashlib.sha256(response.content).hexdigest() == sealed.sha256
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{NUMBER}.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-cache"


def test_the_xml_is_the_one_inside(owner: Client, sealed: Document) -> None:
    response = owner.get(XML)
    tree = etree.fromstring(response.content)
    assert tree.tag.endswith("CrossIndustryInvoice")
    assert NUMBER in response.content.decode()
    assert response["Content-Disposition"] == f'attachment; filename="{NUMBER}.xml"'


def test_what_a_browser_has_is_not_sent_again(owner: Client, stranger: Client, sealed: Document) -> None:
    tag = {"If-None-Match": f'"{sealed.sha256}"'}
    assert owner.get(PDF)["ETag"] == f'"{sealed.sha256}"'
    assert owner.get(PDF, headers=tag).status_code == 304
    assert stranger.get(PDF, headers=tag).status_code == 404


def test_the_first_download_of_each_person_is_journaled(owner: Client, accountant: Client, sealed: Document) -> None:
    for _ in range(2):
        owner.head(PDF)
    assert not JournalEntry.objects.filter(act="downloaded").exists()
    for browser in (owner, accountant, owner):
        browser.get(PDF)
    list(owner.get(f"{RELAY_ZIP}?annee=2026").streaming_content)  # type: ignore[attr-defined]
    entries = JournalEntry.objects.filter(act="downloaded").order_by("pk")
    assert [(e.subject, e.by.email if e.by else "", e.through) for e in entries] == [
        (f"invoice:{NUMBER}", "alice@example.org", "portal"),
        (f"invoice:{NUMBER}", "chloe@example.org", "portal"),
    ]


@pytest.mark.parametrize("url", [PDF, XML, f"{RELAY_ZIP}?annee=2026"])
def test_what_is_not_sealed_yet_is_said_to_be_on_its_way(owner: Client, invoice: Invoice, url: str) -> None:
    assertContains(owner.get(url), "Ce fichier est en préparation", status_code=409)


@pytest.mark.parametrize("url", [PDF, XML, f"{RELAY_ZIP}?annee=2026"])
def test_an_archive_that_is_away_is_no_traceback(owner: Client, sealed: Document, url: str, tmp_path: Any) -> None:
    store = production.archive()
    root, store.root = store.root, tmp_path
    try:
        assertContains(owner.get(url), "Vos fichiers sont inaccessibles en ce moment", status_code=503)
    finally:
        store.root = root
    assert not JournalEntry.objects.filter(act="downloaded").exists()


def test_too_many_at_once_are_asked_to_wait(owner: Client, accountant: Client, sealed: Document) -> None:
    assert [owner.get(PDF).status_code for _ in range(61)] == [200] * 60 + [429]
    response = owner.get(XML)
    assertTemplateUsed(response, "429.html")
    assert 0 < int(response["Retry-After"]) <= 60
    assert accountant.get(PDF).status_code == 200


def test_a_zip_holds_the_same_bytes_under_their_numbers(owner: Client, sealed: Document) -> None:
    response = owner.get(f"{RELAY_ZIP}?annee=2026")
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="factures-R0001-2026.zip"'
    with zipfile.ZipFile(io.BytesIO(body(response))) as archive:
        (entry,) = archive.infolist()
        assert entry.filename == f"{NUMBER}.pdf"
        assert hashlib.sha256(archive.read(entry)).hexdigest() == sealed.sha256


def test_a_zip_is_made_one_file_at_a_time(owner: Client, sealed: Document) -> None:
    parts = list(owner.get(f"{RELAY_ZIP}?annee=2026").streaming_content)  # type: ignore[attr-defined]
    assert len(parts) == 2
    assert len(parts[0]) > sealed.size
    assert parts[1].startswith(b"PK\x01\x02")


def test_a_zip_says_which_are_not_in_it_yet(owner: Client, invoice: Invoice, sealed: Document) -> None:
    months.after(invoice, months=1)
    response = owner.get(f"{RELAY_ZIP}?annee=2026")
    with zipfile.ZipFile(io.BytesIO(body(response))) as archive:
        assert archive.namelist() == ["A-LIRE.txt", f"{NUMBER}.pdf"]
        assert "R0001-2026-00002" in archive.read("A-LIRE.txt").decode("utf-8-sig")


@pytest.mark.parametrize("query", ["annee=2019", "annee=x", "numero=R0002-2026-00001", f"numero={NUMBER}&numero=R0002-2026-00001"])
def test_a_zip_of_what_is_not_there_is_not_found(owner: Client, sealed: Document, query: str) -> None:
    assert owner.get(f"{RELAY_ZIP}?{query}").status_code == 404


def test_ten_zips_an_hour_are_enough(owner: Client, sealed: Document) -> None:
    answers = [owner.get(f"{RELAY_ZIP}?annee=2026").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


@pytest.fixture
def two_shops() -> list[Invoice]:
    world.tariff()
    for at in range(2):
        made = world.relay(f"R000{at + 1}", shop=at)
        world.did(made, 100)
    world.billed_approved_and_issued()
    world.sealed_and_archived()
    return list(Invoice.objects.order_by("number"))


def test_an_accountant_takes_a_month_of_all_clients_and_no_others(two_shops: list[Invoice]) -> None:
    chloe = cast.browser(cast.accountant(two_shops[0].relay))
    assert names(chloe.get("/factures/zip/?mois=2026-10")) == [f"{NUMBER}.pdf"]
    cast.acts_for(cast.accountant(), two_shops[1].relay, role=Role.ACCOUNTANT)
    assert names(chloe.get("/factures/zip/?mois=2026-10")) == [f"{NUMBER}.pdf", "R0002-2026-00001.pdf"]
    for query in ("mois=2026-09", "mois=2026-13", "mois=x", ""):
        assert chloe.get(f"/factures/zip/?{query}").status_code == 404


def test_an_accountant_takes_what_is_new_once(two_shops: list[Invoice]) -> None:
    chloe = cast.browser(cast.accountant(*Relay.objects.all()))
    body(chloe.get(PDF))
    assert names(chloe.get("/factures/zip/?nouvelles=1")) == ["R0002-2026-00001.pdf"]
    assert chloe.get("/factures/zip/?nouvelles=1").status_code == 404


def rows(response: Any) -> list[dict[str, str]]:
    text = body(response).decode("utf-8-sig")
    assert body(response).startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_table_has_net_vat_by_rate_and_what_was_paid(owner: Client, sealed: Document) -> None:
    Payment.objects.create(invoice=sealed.invoice, paid_on=dt.date(2026, 11, 5), amount=Decimal("23.10"))
    Payment.objects.create(invoice=sealed.invoice, paid_on=dt.date(2026, 11, 9), amount=Decimal("23.10"))
    response = owner.get(f"{RELAY_CSV}?annee=2026")
    assert response["Content-Disposition"] == 'attachment; filename="factures-R0001-2026.csv"'
    assert rows(response) == [
        {
            "Facture": NUMBER,
            "Point relais": "R0001",
            "Raison sociale": "Épicerie de l’Étoile",
            "SIRET": "28724467700848",
            "Mois": "10/2026",
            "Date d’émission": "02/11/2026",
            "Échéance": "02/12/2026",
            "Total HT": "38,50",
            "Base HT 20 %": "38,50",
            "TVA 20 %": "7,70",
            "Total TVA": "7,70",
            "Total TTC": "46,20",
            "Payé le": "09/11/2026",
            "Montant payé": "46,20",
            "TVA encaissée": "7,70",
            "Détail des paiements": "05/11/2026 : 23,10 dont TVA 3,85 / 09/11/2026 : 23,10 dont TVA 3,85",
        }
    ]


def test_the_table_of_all_clients_has_a_column_for_each_treatment(two_shops: list[Invoice]) -> None:
    chloe = cast.browser(cast.accountant(*Relay.objects.all()))
    assert [row["Facture"] for row in rows(chloe.get("/factures/csv/?annee=2026"))] == [NUMBER, "R0002-2026-00001"]
    assert chloe.get("/factures/csv/").status_code == chloe.get("/factures/csv/?annee=2019").status_code == 404


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_no_text_of_the_table_is_a_formula(start: str) -> None:
    shop = world.an_invoice(legal_name=f"{start}cmd|' /C calc'!A0").relay
    (row,) = rows(cast.browser(cast.owner(shop)).get(f"{RELAY_CSV}?annee=2026"))
    assert row["Raison sociale"].startswith("'" + start)
    assert bookkeeping.harmless("Épicerie") == "Épicerie"
