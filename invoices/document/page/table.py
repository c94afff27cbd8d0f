"""The lines of the invoice, service by service, as rows that know their height; what is carried from page to page."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from invoices.document.content import Line
from invoices.document.page.tagging import HEADING, TaggedPen, across
from selfbilling import words
from selfbilling.pen import LEFT, PALE, RIGHT, SOFT, leading, wrap
from selfbilling.typeface import REGULAR, SEMIBOLD

_PERIOD, _QUANTITY, _PRICE, _RATE, _NET = 80.0, 128.0, 151.0, 163.0, RIGHT  # period starts there, the others end there
_LABEL_ROOM = _PERIOD - LEFT - 3
_PERIOD_ROOM = 33.0
_INDENT = 4.0
_TOGETHER = 12  # bands of a service
_SIZE = 9.0
_STEP = leading(_SIZE)
_PADDING = 1.2
HEADING_HEIGHT = 6.0
CARRIED_HEIGHT = _STEP + _PADDING


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line. indent: it is one band of a service that has its own row above. ends: a rule parts it from what follows."""

    line: Line
    label: tuple[str, ...]
    indent: float
    ends: bool

    @property
    def height(self) -> float:
        """In millimetres."""
        return len(self.label) * _STEP + (_PADDING if self.ends else 0)

    @property
    def net(self) -> Decimal:
        """What it adds to the amount that is carried."""
        return self.line.net

    def draw(self, pen: TaggedPen, *, y: float) -> float:
        """Draw it from y down; returns where the next one starts."""
        base, line = y + _STEP - 0.4, self.line
        with pen.element("TR"):
            with pen.element("TD"):
                for rank, text in enumerate(self.label):
                    pen.text(text, x=LEFT + self.indent, y=base + rank * _STEP, size=_SIZE)
            with pen.element("TD"):
                pen.fitted(words.span(line.first_day, line.last_day), x=_PERIOD, y=base, room=_PERIOD_ROOM, size=_SIZE)
            figures = (
                (words.quantity(line.quantity, unit_code=line.unit_code), _QUANTITY),
                (words.price(line.unit_price), _PRICE),
                (words.percent(line.rate), _RATE),
                (words.euros(line.net), _NET),
            )
            for text, x in figures:
                with pen.element("TD"):
                    pen.right(text, x=x, y=base, size=_SIZE)
        if self.ends:
            pen.rule(y=y + self.height, ink=PALE)
        return y + self.height


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service with several lines: its name, and their quantities and amounts summed."""

    lines: tuple[Line, ...]
    label: tuple[str, ...]
    net: Decimal = Decimal(0)  # its lines are carried, not it

    @property
    def height(self) -> float:
        """In millimetres."""
        return len(self.label) * _STEP

    def draw(self, pen: TaggedPen, *, y: float) -> float:
        """Draw it from y down; returns where its first line starts."""
        base = y + _STEP - 0.4
        quantity = words.quantity(sum(line.quantity for line in self.lines), unit_code=self.lines[0].unit_code)
        net = words.euros(sum((line.net for line in self.lines), Decimal(0)))
        with pen.element("TR"):
            with pen.element("TH", across(2, scope="Row")):
                for rank, text in enumerate(self.label):
                    pen.text(text, x=LEFT, y=base + rank * _STEP, size=_SIZE, font=SEMIBOLD)
            for text, x in ((quantity, _QUANTITY), ("", _PRICE), ("", _RATE), (net, _NET)):
                with pen.element("TD"):
                    if text:
                        pen.right(text, x=x, y=base, size=_SIZE, font=SEMIBOLD)
        return y + self.height


Row = LineRow | ServiceRow


def rows(lines: tuple[Line, ...]) -> list[tuple[Row, ...]]:
    """The rows of the invoice, in groups that stay on one page: a service with its bands, as far as it is no page's worth."""
    groups: list[tuple[Row, ...]] = []
    for (_code, label), same in groupby(lines, key=lambda line: (line.service_code, line.label)):
        first, *others = same
        if not others:
            groups.append((LineRow(first, wrap(label, room=_LABEL_ROOM, size=_SIZE), 0, True),))
            continue
        every = (first, *others)
        bands = [LineRow(line, (f"à{words.FIXED}{words.price(line.unit_price)}",), _INDENT, line is every[-1]) for line in every]
        service = ServiceRow(every, wrap(label, room=_PERIOD + _PERIOD_ROOM - LEFT, size=_SIZE, font=SEMIBOLD))
        groups += [(service, *bands[:_TOGETHER]), *((band,) for band in bands[_TOGETHER:])]
    return groups


def draw_heading(pen: TaggedPen, *, y: float) -> float:
    """The names of the columns; returns where the first row starts."""
    with pen.element("TR"):
        _names(pen, y=y + 3.8)
    return _below_names(pen, y=y)


def draw_heading_again(pen: TaggedPen, *, y: float) -> float:
    """The same on a later page, where it is not read out once more."""
    with pen.artifact():
        for name, x in _LEFT_NAMES:
            pen.text(name, x=x, y=y + 3.8, size=8, ink=SOFT)
        for name, x in _RIGHT_NAMES:
            pen.right(name, x=x, y=y + 3.8, size=8, ink=SOFT)
    return _below_names(pen, y=y)


_LEFT_NAMES = (("Désignation", LEFT), ("Période", _PERIOD))
_RIGHT_NAMES = (("Quantité", _QUANTITY), ("Prix unitaire HT", _PRICE), ("TVA", _RATE), ("Montant HT", _NET))


def _names(pen: TaggedPen, *, y: float) -> None:
    for name, x in _LEFT_NAMES:
        with pen.element("TH", HEADING):
            pen.text(name, x=x, y=y, size=8, ink=SOFT)
    for name, x in _RIGHT_NAMES:
        with pen.element("TH", HEADING):
            pen.right(name, x=x, y=y, size=8, ink=SOFT)


def _below_names(pen: TaggedPen, *, y: float) -> float:
    pen.rule(y=y + HEADING_HEIGHT - 1, ink=pen.line)
    return y + HEADING_HEIGHT - 0.6


def draw_carried(pen: TaggedPen, name: str, amount: Decimal, *, y: float) -> float:
    """« À reporter » below the lines of a page, « Report » above those of the next: for the eye alone."""
    base = y + _STEP - 0.2
    with pen.artifact():
        pen.text(name, x=LEFT, y=base, size=_SIZE, font=REGULAR, ink=SOFT)
        pen.right(words.euros(amount), x=_NET, y=base, size=_SIZE, ink=SOFT)
    return y + CARRIED_HEIGHT
