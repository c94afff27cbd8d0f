"""approve PERIOD --by EMAIL: four eyes on the drafts."""

from argparse import ArgumentParser
from typing import Any

from invoices import approving
from invoices.management.arguments import period
from invoices.period import Period
from relays import people
from selfbilling.commandline import DoorCommand
from selfbilling.counting import counted


class Command(DoorCommand):
    """Approve a month's drafts."""

    help = "Approve a month's drafts, as another member of billing than the one who billed; their digest is frozen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """PERIOD --by EMAIL."""
        parser.add_argument("period", type=period)
        parser.add_argument("--by", required=True, metavar="EMAIL", help="a member of billing other than the one who billed")

    def handle(self, *, period: Period, by: str, **_options: Any) -> None:
        """Approve."""
        run = approving.approve(period, by=people.billing_member(by))
        drafts = counted(run.drafts.count(), "draft")
        self.stdout.write(f"{period}: {drafts} approved, digest {run.digest}.\nNext: manage.py issue {period}")
