"""The file: one pass, always the same bytes, Factur-X inside, fonts embedded, and no reader complains."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from invoices.document.content import Content
from invoices.document.facturx import cii
from invoices.document.pdfa import unsealed
from selfbilling import typeface
from tests.invoices.contents import franchise, standard
from tests.invoices.papers import PAPERS, VERIFY, annexed, lettered, logo


def pdf(invoice: Content) -> bytes:
    """The unsealed document of that content."""
    return unsealed(invoice, cii(invoice))


@pytest.mark.parametrize("make", PAPERS.values(), ids=PAPERS.keys())
def test_qpdf_warns_of_nothing(make: Callable[[], Content], tmp_path: Path) -> None:
    file = tmp_path / "invoice.pdf"
    file.write_bytes(pdf(make()))
    checked = subprocess.run(["qpdf", "--check", str(file)], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "WARNING" not in checked.stdout + checked.stderr
    assert file.read_bytes().endswith(b"%%EOF\n")


def test_the_same_content_gives_the_same_bytes_in_any_process() -> None:
    code = (
        "import hashlib; from tests.invoices.papers import annexed, franchise; from invoices.document.facturx import cii;"
        "from invoices.document.pdfa import unsealed;"
        "print([hashlib.sha256(unsealed(c, cii(c))).hexdigest() for c in (annexed(), franchise())])"
    )
    pdf(standard())  # whatever this process drew before does not show
    pdf(replace(lettered(), verify_url=VERIFY[:-5] + "other"))
    here = str([hashlib.sha256(pdf(invoice)).hexdigest() for invoice in (annexed(), franchise())])
    for seed in "12":
        there = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": seed})
        assert there.stdout.strip() == here


def test_the_xml_comes_back_byte_for_byte() -> None:
    xml = cii(franchise())
    with pikepdf.open(BytesIO(unsealed(franchise(), xml))) as document:
        attached = document.attachments["factur-x.xml"]
        assert attached.get_file().read_bytes() == xml
        assert attached.get_file().mime_type == "text/xml"
        assert attached.relationship == pikepdf.Name.Alternative
        assert document.Root.AF[0] == attached.obj


def test_the_metadata_says_factur_x_by_its_own_prefix() -> None:
    with pikepdf.open(BytesIO(pdf(standard()))) as document:
        metadata = document.Root.Metadata.read_bytes().decode()
        assert document.Root.Lang == "fr-FR"
        assert str(document.docinfo["/Title"]) == "Facture R0042-2026-00011, Épicerie de l’Étoile"
        assert str(document.docinfo["/CreationDate"]) == "D:20261102000000+00'00'"
    for element in ("DocumentType>INVOICE<", "DocumentFileName>factur-x.xml<", "Version>1.0<", "ConformanceLevel>EN 16931<"):
        assert f"<fx:{element}" in metadata
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


def test_only_the_logo_differs_and_so_does_the_file() -> None:
    other = replace(lettered(), letterhead=replace(lettered().letterhead, logo=logo(size=(600, 300))))
    with pikepdf.open(BytesIO(pdf(lettered()))) as one, pikepdf.open(BytesIO(pdf(other))) as another:
        assert one.trailer.ID[0] != another.trailer.ID[0]


@pytest.mark.parametrize("make", [standard, franchise])
def test_every_font_is_embedded_as_a_subset(make: Callable[[], Content], tmp_path: Path) -> None:
    file = tmp_path / "invoice.pdf"
    file.write_bytes(pdf(make()))
    listed = subprocess.run(["pdffonts", str(file)], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    assert {row.split()[0].partition("+")[2] for row in listed} == {"IBMPlexSans-Regular", "IBMPlexSans-SemiBold"}
    assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] for row in listed)  # embedded, subset, with its letters


def test_two_documents_may_be_drawn_at_once() -> None:
    typeface.register()
    first, second = Canvas(BytesIO()), Canvas(BytesIO())
    shown = [typeface.shown(text, font=typeface.REGULAR, document=canvas._doc) for canvas, text in ((first, "ğ"), (second, "ł"))]
    assert shown[0] == shown[1]  # each has its own first rare letter


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("N’Guyen Œuvre ğ ł ø — … 1\u202f234,50\u202f€", "N’Guyen Œuvre ğ ł ø — … 1\u202f234,50\u202f€"),
        ("E\u0301picerie", "Épicerie"),
        ("a\tb\x01c\x00d", "a bcd"),
        ("の🥖", "??"),
        ("ﬁ", "ﬁ"),
    ],
)
def test_only_letters_that_the_typeface_has(text: str, printed: str) -> None:
    assert typeface.printable(text) == printed


def test_figures_are_tabular() -> None:
    for font in (typeface.REGULAR, typeface.SEMIBOLD):
        assert len({typeface.width(figure, size=10, font=font) for figure in "0123456789−"}) == 1
