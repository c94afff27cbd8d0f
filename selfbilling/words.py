"""Amounts, days and numbers in French, with the spaces that never break."""

import calendar
import datetime as dt
from decimal import Decimal

from selfbilling.typeface import THIN

FIXED = "\u00a0"  # no-break space
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_UNITS = {"C62": "", "H87": "", "EA": "", "DAY": "j", "HUR": "h", "MON": "mois", "KGM": "kg"}  # UN/ECE Rec 20


def euros(amount: Decimal) -> str:
    """1234.5 → « 1 234,50 € »."""
    return f"{number(amount, places=2)}{THIN}€"


def price(amount: Decimal) -> str:
    """A unit price, four decimals: 0.385 → « 0,3850 € »."""
    return f"{number(amount, places=4)}{THIN}€"


def percent(rate: Decimal) -> str:
    """20.00 → « 20 % », 5.50 → « 5,5 % »."""
    figures = number(rate, places=2).rstrip("0").rstrip(",")
    return f"{figures}{THIN}%"


def quantity(units: int, *, unit_code: str) -> str:
    """Whole units, with the unit's name where it is more than a piece: « 1 120 », « 3 h »."""
    unit = _UNITS.get(unit_code, unit_code)
    return f"{number(Decimal(units), places=0)}{FIXED}{unit}" if unit else number(Decimal(units), places=0)


def number(value: Decimal, *, places: int) -> str:
    """Thousands parted by a narrow space, a decimal comma, a true minus; never minus nothing."""
    figures = f"{value + 0:,.{places}f}"
    return figures.replace(",", THIN).replace(".", ",").replace("-", "−")


def day(when: dt.date) -> str:
    """« 2 novembre 2026 », « 1er novembre 2026 »."""
    return f"{_ordinal(when.day)}{FIXED}{_MONTHS[when.month - 1]}{FIXED}{when.year}"


def span(first: dt.date, last: dt.date) -> str:
    """« octobre 2026 », « 1er–14 octobre 2026 », « 31 octobre 2026 », else both days in full."""
    if first == last:
        return day(first)
    if (first.year, first.month) != (last.year, last.month):
        return f"{day(first)} – {day(last)}"
    whole = first.day == 1 and last.day == calendar.monthrange(last.year, last.month)[1]
    days = "" if whole else f"{_ordinal(first.day)}–{_ordinal(last.day)}{FIXED}"
    return f"{days}{_MONTHS[last.month - 1]}{FIXED}{last.year}"


def in_groups(text: str, *sizes: int) -> str:
    """An identifier cut for the eye: the sizes are used in turn, the last one again and again."""
    groups: list[str] = []
    start = 0
    while start < len(text):
        size = sizes[min(len(groups), len(sizes) - 1)]
        groups.append(text[start : start + size])
        start += size
    return THIN.join(groups)


def _ordinal(number_of_day: int) -> str:
    return "1er" if number_of_day == 1 else str(number_of_day)
