"""The e-mail: what it says, and that the sealed file travels byte for byte."""

import datetime as dt
import email
import email.policy
import re
from email.message import EmailMessage
from typing import Any

import pytest
from pytest_django import Settings

from invoices import production
from invoices.delivery.message import ascii_address, compose, message_id
from invoices.models import Document, Invoice
from invoices.period import PARIS
from tests import world
from tests.invoices.archived import archived

pytestmark = pytest.mark.django_db
SENT = dt.datetime(2026, 11, 2, 8, 15, tzinfo=PARIS)


def message(invoice: Invoice, *, at: dt.datetime = SENT, number: str = "<x@y>", level: str = "test") -> EmailMessage:
    document = Document.objects.get(invoice=invoice)
    document.level = level
    data = compose(invoice, document=document, pdf=production.original(document), message_id=number, at=at)
    header, _, body = data.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert f"\r\nMessage-ID: {number}\r\n".encode() in header  # not folded, which some readers do not undo
    return email.message_from_bytes(data, policy=email.policy.default)


def text(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def test_the_subject_has_the_amount_and_the_day(settings: Settings) -> None:
    (invoice,) = archived(email=1)
    found = message(invoice)
    assert found["Subject"] == "Octobre : 46,20\u202f€ versés le 2\u00a0décembre"
    assert text(found).startswith("Octobre : 46,20 € versés le 2 décembre.")
    assert found["From"] == "Réseau Relais SAS <relais@reseau-relais.example>"
    assert found["To"] == "r0000@example.org"
    assert found["Reply-To"] == "relais@reseau-relais.example"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Date"] == "Mon, 02 Nov 2026 08:15:00 +0100"


def test_the_sealed_file_comes_byte_for_byte() -> None:
    (invoice,) = archived(email=1)
    (attachment,) = message(invoice).iter_attachments()
    assert attachment.get_filename() == f"{invoice.number}.pdf"
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_content() == production.original(Document.objects.get(invoice=invoice))


def test_both_texts_say_how_to_contest_until_when_and_what_the_file_is() -> None:
    (invoice,) = archived(email=1)
    for kind in ("plain", "html"):
        words = re.sub(r"<[^>]+>", "", text(message(invoice), kind))
        assert "au plus tard le 2 décembre 2026" in words
        assert "l’original de votre facture, cacheté" in words
        assert "compte qui se termine par 5611" in words
        assert "TEST : " in words


def test_only_a_test_seal_is_called_so() -> None:
    (invoice,) = archived(email=1)
    assert "TEST" not in text(message(invoice, level="advanced"))


def test_the_html_is_small_and_asks_nobody_else() -> None:
    (invoice,) = archived(email=1)
    html = text(message(invoice), "html")
    assert len(html) < 8_000
    assert re.findall(r"https?://[^\"<]+", html) == [f"http://localhost:8000/factures/{invoice.number}/"]
    assert "prefers-color-scheme: dark" in html


def test_who_gets_it_late_has_as_many_days() -> None:
    (invoice,) = archived(email=1)
    assert "au plus tard le 12 décembre 2026" in text(message(invoice, at=SENT + dt.timedelta(days=10)))


def test_without_a_delay_none_is_named() -> None:
    made = world.relay("R0001", mandate=None)
    world.give_mandate(made, dt.date(2025, 12, 1), contest_days=None)
    world.tariff()
    world.did(made, 100)
    world.billed_approved_and_issued()
    invoice = Invoice.objects.get()
    production.produce([invoice.pk])
    assert "au plus tard" not in text(message(invoice))
    assert "acceptée" not in text(message(invoice))


def test_nothing_to_pay_and_an_account_that_is_missing() -> None:
    (invoice,) = archived(email=1, iban="")
    assert "il nous manque votre IBAN : appelez-nous au 01 99 00 12 34" in text(message(invoice))
    invoice.gross *= 0
    assert message(invoice)["Subject"] == "Octobre : rien à verser"
    assert "versons" not in text(message(invoice))


def test_names_with_signs_of_html_and_of_headers() -> None:
    (invoice,) = archived(email=1)
    invoice.buyer = {**invoice.buyer, "name": "Colis <b> & Fils, « Réseau »"}
    found = message(invoice)
    assert found["From"].addresses[0].display_name == "Colis <b> & Fils, « Réseau »"
    assert "cacheté par Colis &lt;b&gt; &amp; Fils" in text(found, "html")
    assert "cacheté par Colis <b> & Fils" in text(found)


@pytest.mark.parametrize("number", ["R0001-2026-00001", "ABCDEF" + "R" * 18 + "-2026-00001"])
def test_the_message_id_comes_back_whole(settings: Settings, number: str) -> None:
    settings.SITE_URL = "https://relais.reseau-relais-du-grand-ouest-et-du-centre.example"
    (invoice,) = archived(email=1)
    invoice.number = number
    sent = message_id(invoice, attempt=2)
    assert sent == f"<{number}.2@relais.reseau-relais-du-grand-ouest-et-du-centre.example>"
    assert message(invoice, number=sent)["Message-ID"] == sent


@pytest.mark.parametrize(("address", "wanted"), [("a@épicerie.fr", "a@xn--picerie-9xa.fr"), ("a@b.fr", "a@b.fr")])
def test_a_domain_is_written_in_ascii(address: str, wanted: Any) -> None:
    assert ascii_address(address) == wanted
