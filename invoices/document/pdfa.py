"""The unsealed document: page and XML in one file, PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), in one pass.

ReportLab draws, the file is written once. The same Content gives the same bytes: every date comes from the content.
"""

import hashlib
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFStream, PDFStreamFilterZCompress, PDFString, PDFZCompress
from reportlab.pdfgen.canvas import Canvas

from invoices.document import structure
from invoices.document.content import Content
from invoices.document.page import draw, name
from invoices.document.writing import written
from selfbilling import typeface

FILE_NAME = "factur-x.xml"
_PRODUCER = "selfbilling"
_ROOM = Path(__file__).parent


def unsealed(content: Content, xml: bytes) -> bytes:
    """Draw the page and embed the XML (made by facturx.cii): a tagged PDF/A-3a, Factur-X profile EN 16931, ready to seal.

    Raises BadLogo. Source: ISO 19005-3 (PDF/A-3), ISO 14289-1 (PDF/UA-1), Factur-X 1.0 §6; the XML is attached as
    Alternative, since page and XML say the same.
    """
    typeface.register()
    canvas = Canvas(
        BytesIO(), pagesize=A4, initialFontName=typeface.REGULAR, pdfVersion=(1, 7), lang="fr-FR", invariant=1,
        pageCompression=1,
    )  # fmt: skip
    pen = draw(canvas, content)
    document = canvas._doc
    structure.write(document, pen)
    for page in document.Pages.pages:
        page.Contents = _Stream(content=page.stream, filters=_COMPRESSED)
    _describe(canvas, content)
    _attach(document, content, xml=xml)
    digest = hashlib.sha256(b"".join((xml, repr(content).encode(), content.letterhead.logo)))
    return written(document, identifier=digest.hexdigest()[:32].encode())


class _Compressed(PDFStreamFilterZCompress):  # type: ignore[misc]  # ReportLab has no types
    """Flate at the level where a tenth more bytes cost half the time."""

    def encode(self, content: str | bytes) -> bytes:
        return zlib.compress(content.encode() if isinstance(content, str) else content, 3)


_COMPRESSED = [_Compressed()]


class _Stream(PDFStream):  # type: ignore[misc]  # ReportLab has no types
    def format(self, document: Any) -> bytes:
        return typeface.ended(super().format(document))


def _describe(canvas: Any, content: Content) -> None:
    """Title, author and date, as Info and as XMP; the colours that the page means."""
    day = f"{content.issue_date:%Y%m%d}"
    canvas.setTitle(_title(content))
    canvas.setAuthor(_author(content))
    canvas.setSubject(_subject(content))
    canvas.setCreator(_PRODUCER)
    canvas.setProducer(_PRODUCER)
    canvas.setDateFormatter(lambda *_now: f"D:{day}000000+00'00'")
    catalog = canvas._doc.Catalog
    catalog.__NoDefault__ = [*catalog.__NoDefault__, "AF", "OutputIntents"]
    catalog.Metadata = _Stream(
        dictionary=PDFDictionary({"Type": PDFName("Metadata"), "Subtype": PDFName("XML")}), content=_xmp(content), filters=[]
    )
    intent = {
        "Type": PDFName("OutputIntent"),
        "S": PDFName("GTS_PDFA1"),
        "OutputConditionIdentifier": PDFString("sRGB IEC61966-2.1"),
        "Info": PDFString("sRGB IEC61966-2.1"),
        "DestOutputProfile": canvas._doc.Reference(typeface.Ready(_profile())),
    }
    catalog.OutputIntents = PDFArray([PDFDictionary(intent)])


def _attach(document: Any, content: Content, *, xml: bytes) -> None:
    """Embed the XML, named where Factur-X looks for it: AF (ISO 19005-3 annex E) and the tree of embedded files."""
    parameters = {
        "Size": len(xml),
        "ModDate": PDFString(f"D:{content.issue_date:%Y%m%d}000000+00'00'"),
        "CheckSum": f"<{hashlib.md5(xml, usedforsecurity=False).hexdigest()}>",
    }
    embedded = {"Type": PDFName("EmbeddedFile"), "Subtype": "/text#2Fxml", "Params": PDFDictionary(parameters)}
    stream = document.Reference(_Stream(dictionary=PDFDictionary(embedded), content=xml, filters=_COMPRESSED))
    specification = {
        "Type": PDFName("Filespec"),
        "F": PDFString(FILE_NAME),
        "UF": PDFString(FILE_NAME),
        "Desc": PDFString("Factur-X"),
        "AFRelationship": PDFName("Alternative"),
        "EF": PDFDictionary({"F": stream, "UF": stream}),
    }
    file = document.Reference(PDFDictionary(specification))
    names = PDFDictionary({"Names": PDFArray([PDFString(FILE_NAME), file])})
    document.Catalog.AF = PDFArray([file])
    document.Catalog.Names = PDFDictionary({"EmbeddedFiles": names})


@cache
def _profile() -> bytes:
    """The sRGB profile's stream, compressed once per process; made by LittleCMS ("No copyright, use freely")."""
    profile = (_ROOM / "sRGB.icc").read_bytes()
    return _Stream(dictionary=PDFDictionary({"N": 3}), content=profile, filters=[PDFZCompress]).format(Canvas(BytesIO())._doc)


def _title(content: Content) -> str:
    return typeface.printable(f"{name(content)} {content.number}, {content.seller.official_name}")


def _subject(content: Content) -> str:
    return typeface.printable(f"Factur-X, {content.seller.official_name}")


def _author(content: Content) -> str:
    return typeface.printable(content.buyer.official_name)


def _xmp(content: Content) -> bytes:
    values = {
        "title": escape(_title(content)),
        "author": escape(_author(content)),
        "subject": escape(_subject(content)),
        "day": f"{content.issue_date}T00:00:00+00:00",
        "producer": _PRODUCER,
        "file": FILE_NAME,
    }
    return _packet().format_map(values).encode()


@cache
def _packet() -> str:
    """xmp.xml: pdfaid, pdfuaid, Dublin Core, Factur-X's fx, the own ones with the description that PDF/A wants of them."""
    return (_ROOM / "xmp.xml").read_text(encoding="utf-8")
