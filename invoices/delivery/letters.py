"""Sealed files → one PDF to print: each page marked as a copy, each invoice on sheets of its own when printed on both sides.

Pure: bytes in, bytes out. The same letters give the same bytes.
"""

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO

import pikepdf
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from selfbilling import typeface
from selfbilling.pen import LEFT, RIGHT, SOFT, Pen

_MARK_AT = 289.5  # below the page's own footer, and out of the edge that printers leave white


@dataclass(frozen=True, slots=True)
class Letter:
    """One sealed file, and its SHA-256."""

    pdf: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a letter stands in the whole: its first page, from 1, and how many pages it has."""

    first_page: int
    pages: int


def put_together(letters: Sequence[Letter]) -> tuple[bytes, list[Place]]:
    """One PDF of all letters in that order, and the place of each. Every letter starts on an odd page."""
    whole, places = pikepdf.new(), []
    with ExitStack() as sources:
        marks = sources.enter_context(pikepdf.open(_marks(letters)))
        for letter, mark in zip(letters, marks.pages, strict=True):
            source = sources.enter_context(pikepdf.open(BytesIO(letter.pdf)))
            if len(whole.pages) % 2:
                whole.add_blank_page(page_size=A4)
            places.append(Place(first_page=len(whole.pages) + 1, pages=len(source.pages)))
            _add(whole, source, mark=whole.copy_foreign(mark.as_form_xobject()))
        _share_fonts(whole)
        out = BytesIO()
        whole.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue(), places


def _add(whole: pikepdf.Pdf, source: pikepdf.Pdf, *, mark: pikepdf.Object) -> None:
    for page in source.pages:
        if "/Annots" in page:
            del page["/Annots"]  # the seal's field would come along, and with it the seal
        whole.pages.append(page)
        copy = whole.pages[-1]
        copy.add_resource(mark, pikepdf.Name.XObject, pikepdf.Name.Copy)  # pikepdf's own overlay has a random name
        copy.contents_add(b"q\n", prepend=True)
        copy.contents_add(b"\nQ q /Copy Do Q\n")


def _marks(letters: Sequence[Letter]) -> BytesIO:
    """A page for each letter that has nothing but its mark."""
    typeface.register()
    file = BytesIO()
    canvas = Canvas(file, pagesize=A4, initialFontName=typeface.REGULAR, invariant=1, pageCompression=1)
    pen = Pen(canvas)
    for letter in letters:
        text = f"Copie : l’original est le fichier électronique cacheté de SHA-256 {letter.sha256}"
        pen.fitted(text, x=LEFT, y=_MARK_AT, room=RIGHT - LEFT, size=7, ink=SOFT)
        pen.turn()
    canvas.save()
    file.seek(0)
    return file


def _share_fonts(whole: pikepdf.Pdf) -> None:
    """Every letter came with its own copy of the same fonts, which is most of its size: keep one of each."""
    kept: dict[bytes, pikepdf.Object] = {}
    for descriptor in whole.objects:
        if isinstance(descriptor, pikepdf.Dictionary) and descriptor.get("/Type") == pikepdf.Name.FontDescriptor:
            font = descriptor.get("/FontFile2")
            if isinstance(font, pikepdf.Stream):
                descriptor.FontFile2 = kept.setdefault(hashlib.sha256(font.read_raw_bytes()).digest(), font)
