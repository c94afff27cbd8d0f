"""The lines of the invoice, with their heading, as rows that know their height."""

from dataclasses import dataclass

from invoices.document.content import Line
from selfbilling import words
from selfbilling.pen import LEFT, PALE, RIGHT, SOFT, Pen, leading, wrap

_PERIOD, _QUANTITY, _PRICE, _RATE, _NET = 80.0, 127.0, 151.0, 163.0, RIGHT  # period starts there, the others end there
_LABEL_ROOM = _PERIOD - LEFT - 3
_PERIOD_ROOM = 35.0
_SIZE = 9.0
_PADDING = 2.0
HEADING_HEIGHT = 7.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the invoice as it will stand on the page."""

    line: Line
    label: tuple[str, ...]

    @property
    def height(self) -> float:
        """In millimetres, with its rule."""
        return len(self.label) * leading(_SIZE) + _PADDING


def rows(lines: tuple[Line, ...]) -> list[Row]:
    """The lines, their labels wrapped."""
    return [Row(line, wrap(line.label, room=_LABEL_ROOM, size=_SIZE)) for line in lines]


def draw_heading(pen: Pen, *, y: float) -> float:
    """The names of the columns; returns where the first row starts."""
    base = y + 4
    pen.text("Désignation", x=LEFT, y=base, size=8, ink=SOFT)
    pen.text("Période", x=_PERIOD, y=base, size=8, ink=SOFT)
    for name, x in (("Quantité", _QUANTITY), ("Prix unitaire HT", _PRICE), ("TVA", _RATE), ("Montant HT", _NET)):
        pen.right(name, x=x, y=base, size=8, ink=SOFT)
    pen.rule(y=y + HEADING_HEIGHT - 1)
    return y + HEADING_HEIGHT - 1


def draw_row(pen: Pen, row: Row, *, y: float) -> float:
    """One row from y down; returns where the next one starts."""
    base, line = y + 4.1, row.line
    for rank, text in enumerate(row.label):
        pen.text(text, x=LEFT, y=base + rank * leading(_SIZE), size=_SIZE)
    pen.fitted(words.span(line.first_day, line.last_day), x=_PERIOD, y=base, room=_PERIOD_ROOM, size=_SIZE)
    figures = (
        (words.quantity(line.quantity, unit_code=line.unit_code), _QUANTITY),
        (words.price(line.unit_price), _PRICE),
        (words.percent(line.rate), _RATE),
        (words.euros(line.net), _NET),
    )
    for text, x in figures:
        pen.right(text, x=x, y=base, size=_SIZE)
    pen.rule(y=y + row.height, ink=PALE)
    return y + row.height
