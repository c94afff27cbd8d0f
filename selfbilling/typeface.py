"""The one typeface of everything that is printed: IBM Plex Sans, two weights, registered once per process.

Its figures are tabular as they come, so amounts align. Its narrow no-break space is a hair too narrow between the
thousands, so it gets THIN_MORE. See fonts/LICENSE.txt (SIL Open Font License 1.1).
"""

import codecs
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFObject, PDFStream, PDFTrueTypeFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "PlexSans"
SEMIBOLD = "PlexSans-SemiBold"
THIN = "\u202f"
THIN_MORE = 110
"""What is added to the narrow no-break space, in thousandths of the type's size."""

_FOLDER = Path(__file__).parent / "fonts"
_FILES = {REGULAR: "IBMPlexSans-Regular.ttf", SEMIBOLD: "IBMPlexSans-SemiBold.ttf"}

# Every document starts with these glyphs at these codes, so that the font's subset is one and the same in nearly
# all of them and is cut and compressed once per process. A rarer letter gets the next code, and a subset of its own.
_ASCII = "".join(map(chr, range(0x20, 0x7F)))
_LATIN_1 = "".join(map(chr, range(0xA0, 0x100))).replace("\xad", "")
_COMMON = _ASCII + _LATIN_1 + "ŒœŸ€‘’“”–—…•−" + THIN
_THIN_CODE = bytes([0x20 + _COMMON.index(THIN)])
_RARE = re.compile(f"[^{re.escape(_COMMON)}]")


class _Font(TTFont):  # type: ignore[misc]  # ReportLab has no types
    """A TrueType font whose every document starts from the same assignment of codes to glyphs."""

    def __init__(self, name: str, path: Path) -> None:
        super().__init__(name, str(path), asciiReadable=False)
        table = list("\0" * 0x20 + _COMMON)
        table[1:0x20] = "\ufffe" * 0x1F  # codes that stay unused: no text has this character
        self._codes = [0] + [0x20] * 0x1F + [ord(letter) for letter in _COMMON]
        self._encoding = codecs.charmap_build("".join(table))
        self._ready: dict[str, bytes] = {}
        self._wide = [self.face.getCharWidth(code) for code in self._codes]
        cut = self.face.makeSubset
        common = cache(lambda: cut(self._codes))
        self.face.makeSubset = lambda codes: common() if codes == self._codes else cut(codes)

    def splitString(self, text: str, doc: Any, encoding: str = "utf-8") -> list[tuple[int, bytes]]:  # noqa: N802
        """Text as (subset, bytes): at once where all of it is common, else ReportLab's letter by letter."""
        if doc not in self.state:
            state = self._assignState(doc, asciiReadable=False)
            state.assignments.update({code: place for place, code in enumerate(self._codes) if place >= 0x20})
            state.subsets = [list(self._codes)]
            state.nextCode = len(self._codes)
        try:
            return [(0, codecs.charmap_encode(text, "strict", self._encoding)[0])]
        except UnicodeEncodeError:
            return super().splitString(text, doc, encoding)  # type: ignore[no-any-return]

    def wide(self, text: str) -> float:
        """How wide a text is, in thousandths of the type's size: at once where all of it is common."""
        try:
            codes, _length = codecs.charmap_encode(text, "strict", self._encoding)
        except UnicodeEncodeError:
            return float(self.stringWidth(text, 1000))
        return float(sum(map(self._wide.__getitem__, codes)))

    def addObjects(self, doc: Any) -> None:  # noqa: N802
        """Add font, descriptor and subset to the document; what all common subsets share comes ready-made."""
        common = self.state[doc].subsets == [self._codes]
        ready = self._ready if common else {}
        known = set(doc.idToObject)
        super().addObjects(doc)
        for name in doc.idToObject.keys() - known:
            part = doc.idToObject[name]
            if isinstance(part, PDFStream):
                if name not in ready:
                    ready[name] = ended(part.format(doc))
                doc.idToObject[name] = Ready(ready[name])
            elif isinstance(part, PDFTrueTypeFont):
                widths = f"widths of {name}"
                if widths not in ready:
                    ready[widths] = part.Widths.format(doc)
                part.Widths = Ready(ready[widths])


class Ready(PDFObject):  # type: ignore[misc]  # ReportLab has no types
    """An object of a PDF whose bytes are known."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def format(self, _document: Any) -> bytes:
        """The bytes."""
        return self._content


def ended(stream: bytes) -> bytes:
    """ReportLab's stream object with the line end before "endstream" that PDF/A wants (ISO 19005-3, 6.1.7.1)."""
    return stream.removesuffix(b"endstream\n") + b"\nendstream\n"


@cache
def register() -> None:
    """Register both weights with ReportLab, once: a face registered again would silently be the older one."""
    for name, file in _FILES.items():
        pdfmetrics.registerFont(_Font(name, _FOLDER / file))


def width(text: str, *, size: float, font: str = REGULAR) -> float:
    """How wide a printable text is, in points."""
    thousandths = pdfmetrics.getFont(font).wide(text) + THIN_MORE * text.count(THIN)
    return float(thousandths) * size / 1000


def shown(text: str, *, font: str, document: Any) -> list[tuple[str, str]]:
    """A printable text for a content stream: (font's name in that document, operand of TJ); mostly one pair."""
    face = pdfmetrics.getFont(font)
    return [
        (face.getSubsetInternalName(subset, document), _spaced(codes, thin=subset == 0))
        for subset, codes in face.splitString(text, document)
    ]


def _spaced(codes: bytes, *, thin: bool) -> str:
    pieces = codes.split(_THIN_CODE) if thin else [codes]
    return "[<" + f"{_THIN_CODE.hex()}>-{THIN_MORE}<".join(piece.hex() for piece in pieces) + ">]"


@cache
def _letters() -> frozenset[int]:
    register()
    return frozenset.intersection(*(frozenset(pdfmetrics.getFont(name).face.charToGlyph) for name in _FILES))


def printable(text: str) -> str:
    """The text with only letters that both weights have: composed (NFC); a letter that the typeface lacks loses its
    accents, or becomes "?" (PDF/A, ISO 19005-3 6.2.11.8, forbids the glyph .notdef). White space becomes one space.
    """
    if not _RARE.search(text):
        return text
    composed = unicodedata.normalize("NFC", text)
    return "".join(letter if ord(letter) in _letters() else _nearest(letter) for letter in composed)


def _nearest(letter: str) -> str:
    if letter.isspace():
        return " "
    if unicodedata.category(letter) in {"Cc", "Cf", "Mn"}:
        return ""
    plain = unicodedata.normalize("NFKD", letter)
    kept = "".join(part for part in plain if ord(part) in _letters() and not unicodedata.combining(part))
    return kept or "?"
