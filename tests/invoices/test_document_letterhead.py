"""The operator's paper: logo, colour, slogan and footer, or none of them; the code to scan."""

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
import segno
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image

from invoices.document.content import Content, Letterhead
from invoices.document.facturx import cii
from invoices.document.page.letterhead import BadLogo
from invoices.document.page.qr import modules_of
from invoices.document.pdfa import unsealed
from tests.invoices.contents import corrective, long_names, standard
from tests.invoices.papers import LETTERHEAD, MM, VERIFY, annexed, boxes, lettered, logo, read


def with_logo(file: bytes) -> Content:
    """The standard invoice with that logo."""
    return replace(standard(), letterhead=Letterhead(logo=file))


def drawn(invoice: Content) -> tuple[Image.Image, float, float, int]:
    """The picture on the page, its width and height in millimetres, and how often it is in the file."""
    with pikepdf.open(BytesIO(unsealed(invoice, cii(invoice)))) as pdf:
        picture, *others = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image"]
        steps = list(pikepdf.parse_content_stream(pdf.pages[0]))
        place = next(rank for rank, step in enumerate(steps) if str(step.operator) == "Do")
        width, _, _, height, *_ = (float(operand) for operand in steps[place - 1].operands)
        return pikepdf.PdfImage(picture).as_pil_image().convert("RGB"), width / MM, height / MM, 1 + len(others)


@pytest.mark.parametrize(
    ("size", "seen"), [((900, 300), (45, 15)), ((3000, 300), (60, 6)), ((40, 90), (6.67, 15)), ((1, 1), (15, 15)), ((6000, 6000), (15, 15))]
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_keeps_its_proportions_and_its_room(kind: str, size: tuple[int, int], seen: tuple[float, float]) -> None:
    file = BytesIO()
    Image.new("RGB", size, "#0b5d4b").save(file, kind)
    picture, width, height, times = drawn(with_logo(file.getvalue()))
    assert (width, height) == pytest.approx(seen, abs=0.02)
    assert picture.getpixel((0, 0)) == pytest.approx((11, 93, 75), abs=3)
    assert times == 1


def test_what_is_transparent_is_white() -> None:
    picture, *_ = drawn(with_logo(logo()))
    assert picture.getpixel((0, 0)) == (255, 255, 255)
    with pikepdf.open(BytesIO(unsealed(with_logo(logo()), b"<a/>"))) as pdf:
        assert not [thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream) and "/SMask" in thing]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK"])
def test_a_picture_of_any_mode_is_drawn(mode: str) -> None:
    file = BytesIO()
    Image.new(mode, (60, 20)).save(file, "JPEG" if mode == "CMYK" else "PNG")
    assert drawn(with_logo(file.getvalue()))[0].mode == "RGB"


@pytest.mark.parametrize("file", [b"GIF89a", b"%PDF-1.7", logo()[:200], b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_refused(file: bytes) -> None:
    with pytest.raises(BadLogo, match="another file"):
        unsealed(with_logo(file), b"<a/>")


def inks(invoice: Content) -> set[tuple[float, ...]]:
    """The colours in which text is written."""
    with pikepdf.open(BytesIO(unsealed(invoice, b"<a/>"))) as pdf:
        steps = [step for page in pdf.pages for step in pikepdf.parse_content_stream(page)]
        return {tuple(round(float(part), 2) for part in step.operands) for step in steps if str(step.operator) == "rg"}


@pytest.mark.parametrize(
    ("colour", "used"), [("#0b5d4b", True), ("#A4262C", True), ("#ffcc00", False), ("#7a7a7a", False), ("green", False)]
)
def test_titles_have_the_colour_that_reads_well_on_white_else_ink(colour: str, used: bool) -> None:
    plain = inks(standard())
    coloured = inks(replace(standard(), letterhead=Letterhead(colour=colour)))
    assert (coloured != plain) == used


def test_slogan_and_footer_are_on_the_operators_invoices_alone(tmp_path: Path) -> None:
    text = read(lettered(), tmp_path)
    assert "Vos colis, au coin de la rue" in text
    assert "reseau-relais.example Pas d’escompte" in text
    own = read(corrective(lettered()), tmp_path)
    assert "Vos colis" not in own
    assert "reseau-relais.example Pas" not in own


def test_the_letterhead_stays_above_the_window(tmp_path: Path) -> None:
    head = replace(LETTERHEAD, slogan="Vos colis, au coin de la rue, " * 3)
    for word, (left, top, _right, bottom) in boxes(replace(long_names(), letterhead=head), tmp_path):
        if left > 100 and top < 48:
            assert bottom < 47, word


def modules_drawn(invoice: Content) -> set[tuple[int, int]]:
    """The dark modules on the page, as (column, row from the bottom)."""
    with pikepdf.open(BytesIO(unsealed(invoice, b"<a/>"))) as pdf:
        bars = [step.operands for page in pdf.pages for step in pikepdf.parse_content_stream(page) if str(step.operator) == "re"]
    return {(int(left) + step, int(row)) for left, row, width, _height in bars for step in range(int(width))}


def test_the_code_on_the_page_is_the_one_that_leads_to_its_address() -> None:
    matrix = segno.make(VERIFY, mode="byte", error="m", mask=3, boost_error=False).matrix
    dark = {(column, len(matrix) - 1 - row) for row, modules in enumerate(matrix) for column, module in enumerate(modules) if module}
    assert modules_drawn(lettered()) == dark
    assert modules_drawn(standard()) == set()


@settings(deadline=None, max_examples=25)
@given(some.text(some.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=90))
def test_a_code_made_from_another_one_is_what_segno_makes(url: str) -> None:
    matrix = segno.make(url.encode(), mode="byte", error="m", mask=3, boost_error=False, micro=False).matrix
    expected = "".join("1" if module else "0" for row in matrix for module in row)
    side, modules = modules_of(url)
    assert f"{modules:0{side * side}b}" == expected


def token_urls(number: int) -> list[str]:
    """Addresses as invoices have them, each with a token of its own."""
    return ["https://relais.example" + reverse("public:token", args=[uuid4()]) for _ in range(number)]


def test_every_token_of_one_site_has_its_own_code() -> None:
    for url in token_urls(50):
        side, modules = modules_of(url)
        matrix = segno.make(url.encode(), mode="byte", error="m", mask=3, boost_error=False, micro=False).matrix
        assert f"{modules:0{side * side}b}" == "".join("1" if module else "0" for row in matrix for module in row)


def test_codes_are_put_together_from_a_few_that_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """To draw one costs as much as all the rest of an invoice."""
    texts, make = [], segno.make

    def counted(text: bytes, **options: Any) -> segno.QRCode:
        texts.append(text)
        return make(text, **options)

    monkeypatch.setattr(segno, "make", counted)
    for url in token_urls(100):
        modules_of(url)
    texts.clear()
    for url in token_urls(100):
        modules_of(url)
    assert texts == []


def test_modules_are_half_a_millimetre_at_least() -> None:
    with pikepdf.open(BytesIO(unsealed(lettered(), b"<a/>"))) as pdf:
        steps = list(pikepdf.parse_content_stream(pdf.pages[0]))
    first = next(rank for rank, step in enumerate(steps) if str(step.operator) == "re")
    assert float(steps[first - 1].operands[0]) / MM >= 0.5


def test_the_annex_counts_each_day_and_adds_up(tmp_path: Path) -> None:
    invoice, text = annexed(), read(annexed(), tmp_path, "-layout")
    assert text.count("Annexe : relevé jour par jour") == 2  # five services, then two
    assert "page 3/3" in text
    labels = list(dict.fromkeys(count.label for count in invoice.day_counts))
    sums = [sum(count.quantity for count in invoice.day_counts if count.label == label) for label in labels]
    totals = re.findall(r"Total ((?:\d\s?\d*\s?)+) (?:Facture|support)", text)
    assert [figure.replace(" ", "") for total in totals for figure in re.findall(r"\d \d{3}|\d+", total)] == [str(value) for value in sums]
    last = [next((c.quantity for c in invoice.day_counts if c.label == label and c.day.day == 31), 0) for label in labels[:5]]
    assert "31 octobre 2026 " + " ".join(map(str, last)) in text
    assert "Annexe" not in read(lettered(), tmp_path)
