"""Bars for eyes that would rather look than read: geometry only, drawn as SVG by a template, the table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the chart's units. value: what it stands for; now: of the month that the page is about."""

    x: float
    y: float
    width: float
    height: float
    value: Decimal
    now: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that belong together, with their label."""

    label: str
    label_y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of horizontal bars. Units: pixels at full width."""

    width: int
    height: float
    left: int
    groups: tuple[Group, ...]


_WIDTH, _LEFT, _THIN, _THICK, _GAP = 640, 200, 6, 12, 16


def bars(rows: Sequence[tuple[str, Sequence[Decimal]]], *, whole: Decimal | None = None) -> Chart:
    """Horizontal bars, the last of each row being this month's. rows: (label, values ≥ 0 or negative, oldest first).

    whole: what the full width stands for; None: the largest value.
    """
    largest = whole or max((abs(value) for _, values in rows for value in values), default=Decimal(0)) or Decimal(1)
    y, groups = 4.0, []
    for label, values in rows:
        top, drawn = y, []
        for index, value in enumerate(values):
            now = index == len(values) - 1
            height = _THICK if now else _THIN
            width = float(abs(value) / largest) * (_WIDTH - _LEFT - 8)
            drawn.append(Bar(_LEFT, y, round(width, 1), height, value, now))
            y += height + 2
        groups.append(Group(label, round(top + (y - top) / 2 + 4, 1), tuple(drawn)))
        y += _GAP
    return Chart(_WIDTH, y, _LEFT, tuple(groups))
