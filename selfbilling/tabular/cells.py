"""One cell of the operator's file -> one typed value, or the reason why not (docs/files.md, Reading).

Every cell is trimmed. Inside a text a line break or tab becomes a space, accents are composed (NFC), and any other
control character makes the row a bad one: XML cannot carry it (XML 1.0 §2.2). Digits are ASCII digits: Python's int()
would take "1_0" and "１０".
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")
Parse = Callable[[str], T]

_BREAK = re.compile("[ ]*[\t\n\r\u2028\u2029]+[ ]*")
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_FRENCH = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
# Values repeat down a column (days, codes); what was refused is not kept.
remembered = lru_cache(maxsize=65_536)


class BadCell(Exception):  # noqa: N818  (what the row then is called everywhere)
    """The cell is not what its column holds. reason: what is wrong; remedy: what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


def clean(cell: str) -> str:
    """The cell as text: trimmed, on one line, accents composed. Raises BadCell for a control character."""
    if cell.isascii() and cell.isprintable():
        return cell.strip()
    cell = _BREAK.sub(" ", cell)
    forbidden = _FORBIDDEN.search(cell)
    if forbidden:
        raise BadCell(f"has a control character (U+{ord(forbidden[0]):04X})", "remove it")
    return unicodedata.normalize("NFC", cell).strip()


def filled(cell: str) -> str:
    """The cell as text, which may not be empty. Raises BadCell."""
    value = clean(cell)
    if not value:
        raise BadCell("is empty", "fill it in")
    return value


def text(*, longest: int) -> Parse[str]:
    """A text that may be empty. longest: characters."""

    @remembered
    def parse(cell: str) -> str:
        value = clean(cell)
        if len(value) > longest:
            raise BadCell(f"has {len(value)} characters, {longest} is the most", "shorten it")
        return value

    return parse


def filled_text(*, longest: int) -> Parse[str]:
    """A text that may not be empty. longest: characters."""
    up_to = text(longest=longest)

    @remembered
    def parse(cell: str) -> str:
        return up_to(filled(cell))

    return parse


def one_of(*values: str) -> Parse[str]:
    """One of these words, written exactly so; "" among them means that the cell may be empty."""
    remedy = "write " + " or ".join(value or "nothing" for value in values)

    def parse(cell: str) -> str:
        value = clean(cell)
        if value not in values:
            raise BadCell("is not known" if value else "is empty", remedy)
        return value

    return parse


@remembered
def _whole(cell: str) -> int:
    value = filled(cell)
    if not _WHOLE.fullmatch(value):
        raise BadCell("is not a whole number", "write digits only, for example 1500: no decimals, no separators")
    if len(value) > 18:
        raise BadCell("is too large", "check the figure")
    return int(value)


def whole(*, least: int, most: int) -> Parse[int]:
    """A whole number from least to most, both included."""

    def parse(cell: str) -> int:
        value = _whole(cell)
        if not least <= value <= most:
            raise BadCell(f"is not from {least} to {most}", "check the figure")
        return value

    return parse


def decimal(*, places: int, below: int) -> Parse[Decimal]:
    """A number with `.` or `,` before at most that many decimals. below: its absolute value is under it."""
    pattern = re.compile(rf"[+-]?[0-9]+([.,][0-9]{{1,{places}}})?")
    example = f"1234.{'5'.ljust(places, '0')}"

    @remembered
    def parse(cell: str) -> Decimal:
        value = filled(cell)
        if not pattern.fullmatch(value):
            raise BadCell(
                f"is not a number with at most {places} decimals",
                f"write it like {example}: one decimal point or comma, no thousands separators",
            )
        number = Decimal(value.replace(",", "."))
        if abs(number) >= below:
            raise BadCell(f"is not under {below}", "check the figure")
        return number

    return parse


@remembered
def day(cell: str) -> dt.date:
    """A day written YYYY-MM-DD or DD/MM/YYYY, in exactly that many ASCII digits. Raises BadCell."""
    value = filled(cell)
    iso, french = _ISO.fullmatch(value), _FRENCH.fullmatch(value)
    if iso:
        year, month, in_month = iso.groups()
    elif french:
        in_month, month, year = french.groups()
    else:
        raise BadCell("is not a date", "write it YYYY-MM-DD or DD/MM/YYYY")
    try:
        return dt.date(int(year), int(month), int(in_month))
    except ValueError:
        raise BadCell("is not a day of the calendar", "check day and month") from None


def day_or_nothing(cell: str) -> dt.date | None:
    """A day, or None for an empty cell. Raises BadCell."""
    return day(cell) if clean(cell) else None
