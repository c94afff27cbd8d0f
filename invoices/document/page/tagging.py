"""A pen that says what each thing is that it draws, for those who hear the page instead of seeing it.

What is drawn within `with pen.element("TD"):` belongs to that element; what is drawn outside of any, or as an artifact,
is not read out: rules, page numbers, what is repeated on each page (ISO 32000-1 §14.8.2.2). The order in which elements
are opened is the order in which they are read. structure.py writes them into the file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from selfbilling import typeface
from selfbilling.pen import INK, LEFT, LINE, MM, PAGE_HEIGHT, RIGHT, Colour, Pen
from selfbilling.typeface import REGULAR

HEADING = "/A<</O/Table/Scope/Column>>"  # of a TH: it names the cells below it
ROW_HEADING = "/A<</O/Table/Scope/Row>>"


@dataclass(slots=True, eq=False)
class Element:
    """One structure element: its standard type (ISO 32000-1 §14.8.4), its entries beside that, and what it holds.

    rank: its place in reading order. kids: ranks of elements, or (page from 0, marked content on that page).
    """

    kind: str
    rank: int
    parent: int
    entries: str = ""
    kids: list[int | tuple[int, int]] = field(default_factory=list)


class TaggedPen(Pen):
    """A pen whose every mark is tagged. colour: of titles; line: of the rules beside them."""

    def __init__(self, canvas: Any, *, colour: Colour = INK) -> None:
        super().__init__(canvas)
        self.colour = colour
        self.line = LINE if colour == INK else colour
        self.elements = [Element("Document", 0, -1)]
        self.pages: list[list[int]] = []
        """Of each page that is turned, the rank of the element to which each marked content belongs."""
        self._at = 0  # the element that is open; the document itself: an artifact is drawn
        self._hushed = False  # within an artifact nothing becomes an element
        self._marks: list[int] = []
        self._marked: int | None = None  # whose marked content is open in the content stream
        self._rules: dict[Colour, list[str]] = {}

    @contextmanager
    def element(self, kind: str, entries: str = "") -> Iterator[None]:
        """Open an element in the one that is open now, unless an artifact is drawn. entries: of its dictionary, as PDF writes them."""
        if self._hushed:
            yield
            return
        parent, self._at = self._at, len(self.elements)
        self.elements[parent].kids.append(self._at)
        self.elements.append(Element(kind, self._at, parent, entries))
        yield
        self._at = parent

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """What is drawn here is not read out, although an element is open."""
        before, self._at, self._hushed = (self._at, self._hushed), 0, True
        yield
        self._at, self._hushed = before

    def operators(self, code: str) -> None:
        """Operators of the content stream, as part of the element that is open."""
        self._mark()
        self._canvas._code.append(code)

    def picture(self, name: str, stream: bytes) -> str:
        """Have a picture at hand on this page, an image as an object of a PDF; returns what it is called there."""
        document = self._canvas._doc
        called: str = document.getXObjectName(name)
        document.Reference(typeface.Ready(stream), called)
        self._canvas._formsinuse.append(name)
        return called

    def text(self, text: str, *, x: float, y: float, size: float = 9, font: str = REGULAR, ink: Colour = INK) -> None:
        """One line of the element that is open; y is its baseline. A space ends it, so that its last word is one by itself."""
        self._mark()
        super().text(f"{text} " if self._at else text, x=x, y=y, size=size, font=font, ink=ink)

    def rule(self, *, y: float, x: float = LEFT, to: float = RIGHT, ink: Colour = LINE) -> None:
        """A line across; all of a page are drawn when it is turned."""
        height = f"{(PAGE_HEIGHT - y) * MM:.2f}"
        self._rules.setdefault(ink, []).append(f"{x * MM:.2f} {height} m {to * MM:.2f} {height} l")

    def watermark(self, word: str) -> None:
        """One word across the lower half of the page, never read out."""
        with self.artifact():
            self._mark()
            super().watermark(word)

    def turn(self) -> None:
        """Go to the next page; elements that are open go on there."""
        with self.artifact():
            for (red, green, blue), lines in self._rules.items():
                self.operators(f".5 w {red} {green} {blue} RG {' '.join(lines)} S")
        if self._marked is not None:
            self._canvas._code.append("EMC")
        super().turn()
        self.pages.append(self._marks)
        self._marks, self._marked, self._rules = [], None, {}

    def _mark(self) -> None:
        """Open the marked content of the element that is open, unless it is."""
        if self._at == self._marked:
            return
        code = self._canvas._code
        if self._marked is not None:
            code.append("EMC")
        self._marked = self._at
        if not self._at:
            code.append("/Artifact BMC")
            return
        element = self.elements[self._at]
        code.append(f"/{element.kind}<</MCID {len(self._marks)}>>BDC")
        element.kids.append((len(self.pages), len(self._marks)))
        self._marks.append(self._at)


def said(text: str) -> str:
    """The entry of a figure that says in words what it shows (ISO 32000-1 §14.9.3)."""
    return f"/Alt<FEFF{text.encode('utf-16-be').hex()}>"


def across(columns: int, *, scope: str = "") -> str:
    """The entry of a cell that is as wide as that many columns. scope: of a TH, what it names."""
    named = f"/Scope/{scope}" if scope else ""
    return f"/A<</O/Table/ColSpan {columns}{named}>>"
