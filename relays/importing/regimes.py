"""What a newer file does to a relay's VAT regimes: rows are added or replaced, a billed day is never altered."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from relays.models import BilledDays


class Regime(NamedTuple):
    """standard or franchise, with the VAT number that goes with it, or ""."""

    name: str
    vat_number: str


class Altered(NamedTuple):
    """A billed day whose VAT a row would alter. since: that row's vat_from; free_from: the first day that is not billed."""

    since: dt.date
    day: dt.date
    free_from: dt.date


def altered_days(before: Mapping[dt.date, Regime], after: Mapping[dt.date, Regime], *, billed: Sequence[BilledDays]) -> list[Altered]:
    """For each row that would alter billed days, the first of them. before, after: regimes by their first day.

    Filling in an empty VAT number alters nothing.
    """
    found: dict[dt.date, Altered] = {}
    starts = sorted({*before, *after})
    free_from = max((days.last for days in billed), default=dt.date.min) + dt.timedelta(days=1)
    for days in sorted(billed, key=lambda days: days.first):
        for day in [days.first, *(start for start in starts if days.first < start <= days.last)]:
            since = _since(after, day)
            if since is not None and not _stands(_in_force(before, day), after[since]):
                found.setdefault(since, Altered(since, day, free_from))
    return list(found.values())


def _stands(old: Regime | None, new: Regime) -> bool:
    return old is not None and old.name == new.name and old.vat_number in ("", new.vat_number)


def _in_force(regimes: Mapping[dt.date, Regime], day: dt.date) -> Regime | None:
    since = _since(regimes, day)
    return None if since is None else regimes[since]


def _since(regimes: Iterable[dt.date], day: dt.date) -> dt.date | None:
    return max((start for start in regimes if start <= day), default=None)
