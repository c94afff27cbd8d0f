"""One event of a relay's story."""

import datetime as dt
from dataclasses import dataclass, field

from invoices.period import PARIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened. at: an instant, or a day where no more is known. lines: more of it. links: (what, where)."""

    at: dt.datetime | dt.date
    what: str
    lines: tuple[str, ...] = ()
    by: str = ""
    tone: str = ""  # of its dot: a class of the stylesheet
    links: tuple[tuple[str, str], ...] = field(default=())

    @property
    def is_day(self) -> bool:
        """Whether no hour is known."""
        return not isinstance(self.at, dt.datetime)

    @property
    def moment(self) -> dt.datetime:
        """For sorting: a day counts from its first minute in Paris."""
        if isinstance(self.at, dt.datetime):
            return self.at
        return dt.datetime(self.at.year, self.at.month, self.at.day, tzinfo=PARIS)
