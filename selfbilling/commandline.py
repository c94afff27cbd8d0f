"""What our commands share: the base class, argument types, progress bars. Statuses are set at the process's edge (edge.py)."""

import datetime as dt
import io
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from tqdm import tqdm

from selfbilling import journal
from selfbilling.edge import say

__all__ = ["DoorCommand", "Progress", "WrongUsage", "day", "progress", "say"]


class WrongUsage(CommandError):  # noqa: N818
    """The command was called wrongly, in a way that only the command itself can see: status 2."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=2)


class DoorCommand(BaseCommand):
    """The base of our commands: a door on the command line. `handle` reads, calls one deed, says what was done."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command, in English; its acts are journaled as done on the command line by the system's user."""
        journal.opened(f"command line, {journal.system_user()}")
        with translation.override("en"):
            return super().execute(*args, **options)


def day(text: str) -> dt.date:
    """An argument's type: a day as YYYY-MM-DD. Raises argparse's error, so status 2."""
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  (a day has no zone)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day: write it as 2026-11-02") from None


class Progress(tqdm):  # type: ignore[misc]
    """A bar on stderr where that is a terminal; elsewhere (a log) one line at the end."""

    def __init__(self, iterable: Iterable[Any] | None, *, total: int | None, label: str, unit: str) -> None:
        self._terminal = sys.stderr.isatty()
        out = sys.stderr if self._terminal else io.StringIO()
        super().__init__(iterable, total=total, desc=label, unit=f" {unit}", file=out, dynamic_ncols=True)

    def close(self) -> None:
        """End the bar; said once."""
        first = not self.disable
        super().close()
        if first and not self._terminal:
            say(f"{self.desc}: {self.n} {self.unit.strip()} in {self.format_dict['elapsed']:.1f} s")


def progress(iterable: Iterable[Any] | None = None, *, total: int | None = None, label: str, unit: str) -> Progress:
    """Show how far a long work is: `for x in progress(xs, …)`, or `with progress(total=…, …) as bar: bar.update(n)`.

    unit: the plural of what is counted ("invoices").
    """
    return Progress(iterable, total=total, label=label, unit=unit)
