"""A period: one calendar month of Europe/Paris, named YYYY-MM, kept as its first day."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_NAME = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A month. first: its first day."""

    first: dt.date

    @classmethod
    def named(cls, name: str) -> "Period":
        """The month written YYYY-MM. Raises ValueError if it is not one."""
        found = _NAME.fullmatch(name)
        if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < 2000:
            raise ValueError(f"{name!r} is not a month: write it YYYY-MM, for example 2026-10")
        return cls(dt.date(int(found[1]), int(found[2]), 1))

    @property
    def last(self) -> dt.date:
        """The month's last day."""
        return self.first.replace(day=calendar.monthrange(self.first.year, self.first.month)[1])

    @property
    def previous(self) -> "Period":
        """The month before."""
        return Period((self.first - dt.timedelta(days=1)).replace(day=1))

    @property
    def next(self) -> "Period":
        """The month after."""
        return Period(self.last + dt.timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


def today(now: dt.datetime | None = None) -> dt.date:
    """Today in Paris: 31 October 23:30 there is October, whatever UTC says. now: an aware instant, for another day."""
    return (now or dt.datetime.now(tz=PARIS)).astimezone(PARIS).date()
