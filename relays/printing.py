"""A mandate on A4 pages: what it is a copy of, both parties, the facts, then the text, over as many pages as it needs.

Pure: words in, bytes out; the same words give the same bytes.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from selfbilling import typeface
from selfbilling.pen import ACCENT, INK, LEFT, RIGHT, SOFT, Colour, Pen, leading, width, wrap
from selfbilling.typeface import REGULAR, SEMIBOLD

_TOP, _BOTTOM, _FOOTER = 24.0, 274.0, 284.0  # millimetres from the top: first and last baseline of text, the footer's
_BODY, _SMALL = 10.0, 8.5  # points
_GUTTER, _LABELS = 8.0, 46.0  # millimetres: between the parties; the width of what facts are called
_LONGEST_HEADING = 90  # letters
_ENDS_OF_SENTENCES = (".", ",", ";", ":", "!", "?", "…")


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two. role: as what; empty lines are left out."""

    role: str
    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the mandate."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands on the pages. text: paragraphs parted by an empty line; footer: on each page, beside its number."""

    title: str
    lead: str
    note: str
    parties: tuple[Party, Party]
    parties_note: str
    facts: tuple[Fact, ...]
    text_title: str
    text: str
    footer: str
    made_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    text: str
    x: float
    y: float
    size: float
    font: str
    ink: Colour


@dataclass(slots=True)
class _Flow:
    """Lines that find their place from the top down, on the next page where this one is full."""

    pages: list[list[_Line]] = field(default_factory=lambda: [[]])
    y: float = _TOP

    def lines(
        self,
        texts: Sequence[str],
        *,
        size: float = _BODY,
        font: str = REGULAR,
        ink: Colour = INK,
        x: float = LEFT,
        keep: float = 0,
    ) -> None:
        """One below the other. keep: millimetres that must be left below the last of them, or all go to the next page."""
        step = leading(size)
        if keep and self.y + step * (len(texts) - 1) + keep > _BOTTOM:
            self.turn()
        for text in texts:
            if self.y > _BOTTOM:
                self.turn()
            self.pages[-1].append(_Line(text=text, x=x, y=self.y, size=size, font=font, ink=ink))
            self.y += step

    def skip(self, height: float) -> None:
        """Leave so many millimetres free; none on top of a page."""
        if self.pages[-1]:
            self.y += height

    def turn(self) -> None:
        """Go to the next page."""
        self.pages.append([])
        self.y = _TOP


def printed(sheet: Sheet) -> bytes:
    """The PDF."""
    typeface.register()
    file = BytesIO()
    canvas = Canvas(file, pagesize=A4, initialFontName=typeface.REGULAR, lang="fr-FR", invariant=1, pageCompression=1)
    canvas.setTitle(typeface.printable(f"{sheet.title} : {sheet.lead}"))
    canvas.setAuthor(typeface.printable(sheet.parties[1].name))
    canvas.setCreator("selfbilling")
    canvas.setProducer("selfbilling")
    canvas.setDateFormatter(lambda *_now: f"D:{sheet.made_on:%Y%m%d}000000+00'00'")
    flow = _laid_out(sheet)
    pen = Pen(canvas)
    for rank, lines in enumerate(flow.pages, start=1):
        for line in lines:
            pen.text(line.text, x=line.x, y=line.y, size=line.size, font=line.font, ink=line.ink)
        number = f"page {rank}/{len(flow.pages)}"
        pen.rule(y=_FOOTER - 4)
        pen.fitted(sheet.footer, x=LEFT, y=_FOOTER, room=RIGHT - LEFT - width(number, size=8) - 4, size=8, ink=SOFT)
        pen.right(number, x=RIGHT, y=_FOOTER, size=8, ink=SOFT)
        pen.turn()
    canvas.save()
    return file.getvalue()


def _laid_out(sheet: Sheet) -> _Flow:
    flow = _Flow()
    whole = RIGHT - LEFT
    flow.lines(wrap(sheet.title, room=whole, size=20, font=SEMIBOLD), size=20, font=SEMIBOLD)
    flow.lines(wrap(sheet.lead, room=whole, size=11, font=SEMIBOLD), size=11, font=SEMIBOLD, ink=ACCENT)
    flow.lines(wrap(sheet.note, room=whole, size=_SMALL), size=_SMALL, ink=SOFT)
    flow.skip(6)
    _parties(flow, sheet.parties)
    flow.lines(wrap(sheet.parties_note, room=whole, size=_SMALL), size=_SMALL, ink=SOFT)
    flow.skip(6)
    for fact in sheet.facts:
        _fact(flow, fact)
    flow.skip(7)
    flow.lines(wrap(sheet.text_title, room=whole, size=13, font=SEMIBOLD), size=13, font=SEMIBOLD, keep=4 * leading(_BODY))
    for paragraph in _paragraphs(sheet.text):
        _paragraph(flow, paragraph)
    return flow


def _parties(flow: _Flow, parties: tuple[Party, Party]) -> None:
    """Side by side; they stand on the first page, however long their names."""
    room = (RIGHT - LEFT - _GUTTER) / 2
    top, lowest = flow.y, flow.y
    for party, x in zip(parties, (LEFT, LEFT + room + _GUTTER), strict=True):
        flow.y = top
        flow.lines([party.role], size=_SMALL, ink=SOFT, x=x)
        flow.skip(1)
        flow.lines(wrap(party.name, room=room, size=_BODY, font=SEMIBOLD), font=SEMIBOLD, x=x)
        for line in filter(None, party.lines):
            flow.lines(wrap(line, room=room, size=_BODY), x=x)
        lowest = max(lowest, flow.y)
    flow.y = lowest + 2


def _fact(flow: _Flow, fact: Fact) -> None:
    values = wrap(fact.value, room=RIGHT - LEFT - _LABELS, size=_BODY)
    flow.lines([fact.label], ink=SOFT, keep=leading(_BODY) * (len(values) - 1))
    flow.y -= leading(_BODY)
    flow.lines(values, x=LEFT + _LABELS)


def _paragraphs(text: str) -> Iterator[str]:
    """Paragraphs as they were entered, their own line ends kept."""
    yield from filter(None, (part.strip("\n") for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))))


def _paragraph(flow: _Flow, paragraph: str) -> None:
    room = RIGHT - LEFT
    flow.skip(1.6)
    first, *others = paragraph.split("\n")
    if _is_heading(first, alone=not others):
        flow.skip(2)
        heading = wrap(first.lstrip("# "), room=room, size=_BODY, font=SEMIBOLD)
        flow.lines(heading, font=SEMIBOLD, keep=2.5 * leading(_BODY))
    else:
        others = [first, *others]
    for line in others:
        flow.lines(wrap(line, room=room, size=_BODY))


def _is_heading(line: str, *, alone: bool) -> bool:
    """Marked with #; or short, not ending like a sentence, and either a paragraph of its own or called an article."""
    if line.startswith("#"):
        return True
    short = len(line) <= _LONGEST_HEADING and not line.endswith(_ENDS_OF_SENTENCES)
    return short and (alone or line.casefold().startswith("article "))
