"""The operator's paper: tried as a PDF, kept, and on every invoice that is rendered afterwards."""

import datetime as dt
import io
import re
import struct
import zlib
from collections.abc import Iterator

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import Client
from PIL import Image
from pytest_django.asserts import assertContains

from invoices import papers, production, rendering
from invoices.document.page.letterhead import contrast_on_white
from invoices.models import Activity, Document, Invoice, Letterhead
from selfbilling.models import JournalEntry
from tests import cast, world

pytestmark = pytest.mark.django_db
PAGE = "/bureau/papier/"
TYPED = {"colour": "#0B5D4B", "slogan": "Le colis près de chez vous", "footer": "Du lundi au samedi, 9 h à 19 h"}


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with world.on(dt.date(2026, 11, 10)):
        yield


def picture(*, kind: str = "PNG", size: tuple[int, int] = (320, 80), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, (200, 30, 60) if mode == "RGB" else (200, 30, 60, 0)).save(out, kind)
    return out.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A PNG that says it is 30,000 pixels wide and high, in some hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def sent(browser: Client, *, logo: bytes | None = None, button: str = "keep", **typed: str) -> HttpResponse:
    data: dict[str, object] = {**TYPED, **typed, button: "1"}
    if logo is not None:
        data["logo"] = SimpleUploadedFile("logo.png", logo)
    return browser.post(PAGE, data)  # type: ignore[return-value]


def pictures(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return sum(len(page.get_images()) for page in opened.pages)


def test_what_is_typed_is_shown_as_a_pdf_and_kept_nowhere(manager: Client) -> None:
    answer = sent(manager, logo=picture(), button="look")
    assert answer["Content-Type"] == "application/pdf"
    assert pictures(answer.content) == 1
    assert not Letterhead.objects.exists()


def test_it_is_kept_with_who_and_what(manager: Client) -> None:
    assert sent(manager, logo=picture()).status_code == 302
    kept = Letterhead.objects.get()
    assert (kept.colour, kept.slogan, kept.by) == ("#0b5d4b", TYPED["slogan"], cast.manager())
    entry = JournalEntry.objects.get(act="letterhead kept")
    assert entry.by == kept.by
    assertContains(manager.get(PAGE), "Le logo en usage")


def test_the_next_invoice_has_it(manager: Client, invoice: Invoice) -> None:
    sent(manager, logo=picture())
    world.sealed_and_archived()
    assert pictures(production.original(Document.objects.get())) == 1


def test_the_logo_stays_unless_it_is_taken_off(manager: Client) -> None:
    sent(manager, logo=picture())
    sent(manager)
    sent(manager, without_logo="on")
    assert [bool(one.logo) for one in Letterhead.objects.order_by("pk")] == [True, True, False]


def test_transparency_is_flattened_on_white(manager: Client) -> None:
    sent(manager, logo=picture(mode="RGBA"))
    with Image.open(io.BytesIO(bytes(Letterhead.objects.get().logo))) as kept:
        assert kept.mode == "RGB"
        assert kept.getpixel((0, 0)) == (255, 255, 255)


def test_a_photo_stands_as_the_phone_was_held(manager: Client) -> None:
    out, turned = io.BytesIO(), Image.Exif()
    turned[0x0112] = 6  # orientation: a quarter turn
    Image.new("RGB", (320, 80), (200, 30, 60)).save(out, "JPEG", exif=turned)
    sent(manager, logo=out.getvalue())
    with Image.open(io.BytesIO(bytes(Letterhead.objects.get().logo))) as kept:
        assert kept.size == (80, 320)


@pytest.mark.parametrize(
    ("logo", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Nous n’arrivons pas à ouvrir ce fichier"),
        (picture()[:60], "Nous n’arrivons pas à ouvrir ce fichier"),
        (bomb(), "Nous n’arrivons pas à ouvrir ce fichier"),
        (b"%PDF-1.7\n%%EOF\n", "Nous n’arrivons pas à ouvrir ce fichier"),
        (picture(kind="PNG") + b"\0" * 600_000, "500"),
    ],
    ids=["SVG", "cut", "bomb", "PDF", "large"],
)
def test_a_hostile_logo_is_refused(manager: Client, logo: bytes, said: str) -> None:
    answer = sent(manager, logo=logo)
    assertContains(answer, said, status_code=422)
    assertContains(answer, TYPED["slogan"], status_code=422)  # what was typed is not lost
    assert not Letterhead.objects.exists()


@pytest.mark.parametrize(
    ("colour", "said"),
    [
        ("#ffd400", "contraste de 1,4 pour 1"),
        ("green", "six chiffres hexadécimaux"),
        ("#0b5d4", "six chiffres"),
        ("#0b5d4b;x", "six chiffres"),
    ],
)
def test_a_colour_that_nobody_reads_is_refused(manager: Client, colour: str, said: str) -> None:
    assertContains(sent(manager, colour=colour), said, status_code=422)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast_on_white("#000000") == pytest.approx(21)
    assert contrast_on_white("#ffffff") == pytest.approx(1)
    assert contrast_on_white("#767676") == pytest.approx(4.54, abs=0.01)


def test_only_billing_may(owner: Client, clerk: Client, support: Client, visitor: Client) -> None:
    for browser in (owner, clerk, support):
        assert browser.get(PAGE).status_code == 403
        assert sent(browser).status_code == 403
    assert visitor.get(PAGE).status_code == 302
    assert not Letterhead.objects.exists()


def test_a_kept_letterhead_never_changes(manager: Client) -> None:
    sent(manager)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="is final"):
        cursor.execute("UPDATE invoices_letterhead SET slogan = ''")


class TestAnnex:
    """The counts of each day, where the letterhead wants them."""

    @staticmethod
    def counts(invoice: Invoice) -> tuple[tuple[dt.date, str, int], ...]:
        content = rendering.content(
            invoice,
            lines=invoice.lines.all(),
            vat_totals=invoice.vat_totals.all(),
            test=True,
            paper=papers.paper_of([invoice]),
        )
        return tuple((one.day, one.label, one.quantity) for one in content.day_counts)

    def test_none_unless_it_is_asked_for(self, invoice: Invoice) -> None:
        assert self.counts(invoice) == ()

    def test_every_counted_day_is_in_it_and_nothing_else(self, manager: Client, invoice: Invoice) -> None:
        sent(manager, daily_annex="on")
        counts = self.counts(invoice)
        assert sum(quantity for *_, quantity in counts) == sum(line.quantity for line in invoice.lines.all())
        assert {day for day, *_ in counts} == set(Activity.objects.filter(relay=invoice.relay).values_list("day", flat=True))

    def test_the_sealed_file_has_one_more_page(self, manager: Client, invoice: Invoice) -> None:
        sent(manager, daily_annex="on")
        world.sealed_and_archived()
        with pikepdf.open(io.BytesIO(production.original(Document.objects.get()))) as opened:
            assert len(opened.pages) == 2


def test_its_page_says_which_one_is_in_use(manager: Client) -> None:
    sent(manager)
    assert re.search(r"En usage depuis le 10.novembre.2026", manager.get(PAGE).content.decode())
