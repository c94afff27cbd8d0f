"""Letters: copies to print, each on sheets of its own, with the fonts once."""

import hashlib
import subprocess
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest

from invoices.delivery.letters import Letter, Place, put_together
from invoices.document.content import Content
from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed
from invoices.sealing.seal import seal
from tests.invoices import contents
from tests.invoices.seals import NOW, key_named


@pytest.fixture(scope="module")
def letters() -> list[Letter]:
    """One page, three pages, one page, and names with rare letters."""
    forty = contents.forty_lines()
    long = replace(forty, lines=forty.lines * 2)
    return [
        _letter(content, rank) for rank, content in enumerate([contents.standard(), long, contents.standard(), contents.many_alphabets()])
    ]


def _letter(content: Content, rank: int) -> Letter:
    content = replace(content, number=f"R{rank:04d}-2026-00001")
    pdf = seal(unsealed(content, cii(content)), key=key_named("Réseau Relais"), at=NOW)
    return Letter(pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest())


def texts(pdf: bytes) -> list[str]:
    """The text of each page, read by poppler."""
    pages = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return pages.split("\f")[:-1]


@pytest.mark.requires("pdftotext")
def test_each_starts_on_an_odd_page_and_each_page_says_that_it_is_a_copy(letters: list[Letter]) -> None:
    pdf, places = put_together(letters)
    pages = [len(pikepdf.open(BytesIO(letter.pdf)).pages) for letter in letters]
    assert max(pages) > 1
    assert all(place.first_page % 2 for place in places)
    assert [place.pages for place in places] == pages
    read = texts(pdf)
    for letter, place in zip(letters, places, strict=True):
        for page in read[place.first_page - 1 : place.first_page - 1 + place.pages]:
            assert f"Copie : l’original est le fichier électronique cacheté de SHA-256 {letter.sha256}" in page
    filled = sum(place.pages for place in places)
    assert sum(not page.strip() for page in read) == len(read) - filled


def test_the_places_are_those_of_the_print(letters: list[Letter]) -> None:
    _, places = put_together([letters[0], letters[2]])
    assert places == [Place(first_page=1, pages=1), Place(first_page=3, pages=1)]


def test_the_same_letters_are_the_same_bytes(letters: list[Letter]) -> None:
    assert put_together(letters)[0] == put_together(letters)[0]


@pytest.mark.requires("pdfsig")
def test_a_copy_has_no_seal_and_no_attachment(letters: list[Letter]) -> None:
    pdf, _ = put_together(letters)
    with pikepdf.open(BytesIO(pdf)) as copy:
        assert "/AcroForm" not in copy.Root
        assert not copy.attachments
    assert b"/ByteRange" not in pdf


def test_common_fonts_are_there_once(letters: list[Letter]) -> None:
    pdf, _ = put_together([letters[0]] * 40)
    assert len(pdf) < 40 * len(letters[0].pdf) / 5


@pytest.mark.requires("qpdf")
def test_qpdf_finds_nothing_wrong(letters: list[Letter]) -> None:
    with pikepdf.open(BytesIO(put_together(letters)[0])) as pdf:
        assert pdf.check_pdf_syntax() == []
