"""issue PERIOD [--issue-date D]: number, render, seal, verify, archive; resumable."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from invoices import issuing, working
from invoices.management.arguments import period
from invoices.management.waiting import finish
from invoices.period import Period
from invoices.standing import standing
from selfbilling.commandline import DoorCommand, day, progress
from selfbilling.counting import counted
from selfbilling.errors import Unavailable


class Unfinished(Unavailable):
    """Some invoices could not be sealed or archived; the same command tries them again."""


class Command(DoorCommand):
    """Issue a month's approved drafts."""

    help = "Number a month's approved drafts, then render, seal, verify and archive each invoice. Killed, the same command goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """PERIOD [--issue-date D]."""
        parser.add_argument("period", type=period)
        parser.add_argument("--issue-date", type=day, metavar="D", help="YYYY-MM-DD, in Paris; today by default")

    def handle(self, *, period: Period, issue_date: dt.date | None, **_options: Any) -> None:
        """Number all, then see to it that each is sealed and archived."""
        with progress(total=standing(period).drafts, label="Numbering", unit="invoices") as bar:
            issued = issuing.issue(period, issue_date=issue_date, progress=bar.update)
        finish(
            lambda: working.to_archive(period),
            task="invoices.tasks.seal",
            work=working.seal_and_shelve,
            label="Sealing and archiving",
        )
        _refuse_unfinished(period)
        found = standing(period)
        held = sum(found.held.values())
        self.stdout.write(
            f"{period}: {issued} issued now; {counted(found.invoices, 'invoice')}, net {found.net} EUR, gross {found.gross} EUR, "
            f"all sealed, verified and archived; {held} held.\nNext: manage.py {found.next_command}"
        )


def _refuse_unfinished(period: Period) -> None:
    left = list(working.to_archive(period).select_related("invoice"))
    if not left:
        return
    first = next((row for row in left if row.last_error), left[0])
    waits = f"{counted(len(left), 'invoice')} still {'waits' if len(left) == 1 else 'wait'}"
    raise Unfinished(
        f"{period}: {waits}. {first.invoice.number}: {first.last_error or 'not started'}\n"
        f"Run the same command again; `month {period}` says what waits."
    )
