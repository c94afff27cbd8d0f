"""The annex: what was counted day by day, service by service, on pages of its own."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from invoices.document.content import Content, DayCount
from invoices.document.page.tagging import HEADING, ROW_HEADING, TaggedPen
from selfbilling import words
from selfbilling.pen import LEFT, PALE, RIGHT, SOFT, leading, wrap
from selfbilling.typeface import REGULAR, SEMIBOLD

_SERVICES = 5  # side by side; more of them get a table of their own
_DAYS = 40  # below each other on a page
_DAY_ROOM = 36.0
_WIDTH = (RIGHT - LEFT - _DAY_ROOM) / _SERVICES
_SIZE = 9.0
_ROW = 5.2


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of the annex: some services, some days; ends: their totals stand below."""

    services: tuple[str, ...]
    days: tuple[dt.date, ...]
    ends: bool


def sheets(content: Content) -> list[Sheet]:
    """The pages that it needs; none where nothing was counted."""
    services = list(dict.fromkeys(count.label for count in content.day_counts))
    days = sorted({count.day for count in content.day_counts})
    return [
        Sheet(tuple(services[left : left + _SERVICES]), tuple(days[top : top + _DAYS]), top + _DAYS >= len(days))
        for left in range(0, len(services), _SERVICES)
        for top in range(0, len(days), _DAYS)
    ]


def draw_sheet(pen: TaggedPen, content: Content, sheet: Sheet, *, y: float) -> None:
    """Draw it from y down: each page has its heading and a table that can be read alone."""
    with pen.element("H2"):
        pen.text("Annexe : relevé jour par jour", x=LEFT, y=y + 8, size=12, font=SEMIBOLD, ink=pen.colour)
    counted = _by_day(content.day_counts)
    with pen.element("Table"):
        y = _names(pen, sheet, y=y + 13)
        for day in sheet.days:
            y = _row(pen, words.day(day), [counted[label][day] for label in sheet.services], y=y)
            pen.rule(y=y, ink=PALE)
        if sheet.ends:
            _row(pen, "Total", [sum(counted[label].values()) for label in sheet.services], y=y, font=SEMIBOLD)


def _by_day(counts: Iterable[DayCount]) -> dict[str, defaultdict[dt.date, int]]:
    counted: dict[str, defaultdict[dt.date, int]] = {}
    for count in counts:
        counted.setdefault(count.label, defaultdict(int))[count.day] += count.quantity
    return counted


def _ends(columns: int) -> list[float]:
    """Where each service's column ends."""
    return [RIGHT - (columns - 1 - rank) * _WIDTH for rank in range(columns)]


def _names(pen: TaggedPen, sheet: Sheet, *, y: float) -> float:
    labels = [wrap(label, room=_WIDTH - 3, size=8) for label in sheet.services]
    height = max(map(len, labels)) * leading(8)
    with pen.element("TR"):
        with pen.element("TH", HEADING):
            pen.text("Jour", x=LEFT, y=y + height - 0.8, size=8, ink=SOFT)
        for lines, x in zip(labels, _ends(len(labels)), strict=True):
            with pen.element("TH", HEADING):
                for rank, text in enumerate(lines, start=1):
                    pen.right(text, x=x, y=y + height - 0.8 - (len(lines) - rank) * leading(8), size=8, ink=SOFT)
    pen.rule(y=y + height + 0.8, ink=pen.line)
    return y + height + 1.2


def _row(pen: TaggedPen, name: str, quantities: list[int], *, y: float, font: str = REGULAR) -> float:
    base = y + 3.8
    with pen.element("TR"):
        with pen.element("TH", ROW_HEADING):
            pen.text(name, x=LEFT, y=base, size=_SIZE, font=font)
        for quantity, x in zip(quantities, _ends(len(quantities)), strict=True):
            with pen.element("TD"):
                pen.right(words.number(Decimal(quantity), places=0), x=x, y=base, size=_SIZE, font=font)
    return y + _ROW
