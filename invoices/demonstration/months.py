"""The months that a demonstration tells."""

import calendar
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """First days of calendar months in order; what is peculiar happens in the last one."""

    starts: tuple[dt.date, ...]

    @property
    def first(self) -> dt.date:
        """The first day of the first month."""
        return self.starts[0]

    @property
    def last(self) -> dt.date:
        """The first day of the last month."""
        return self.starts[-1]


def parse(periods: Sequence[str]) -> Months:
    """Months from "2026-09", "2026-10", …; raises ValueError if there is none, or one is no month or out of order."""
    for period in periods:
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", period):
            raise ValueError(f"{period!r} is no month: write it as 2026-10")
    starts = tuple(dt.date.fromisoformat(f"{period}-01") for period in periods)
    if not starts or list(starts) != sorted(set(starts)):
        raise ValueError("one month or more, in order, each once")
    return Months(starts=starts)


def days_of(start: dt.date) -> list[dt.date]:
    """All days of the month that starts on that day."""
    return [start.replace(day=day + 1) for day in range(calendar.monthrange(start.year, start.month)[1])]


def month_after(start: dt.date) -> dt.date:
    """The first day of the month after the one that starts on that day."""
    return days_of(start)[-1] + dt.timedelta(days=1)
