"""month PERIOD: where it stands."""

from argparse import ArgumentParser
from typing import Any

from invoices.management.arguments import period
from invoices.period import Period
from invoices.standing import standing
from selfbilling.commandline import DoorCommand


class Command(DoorCommand):
    """Say where a month stands."""

    help = "Where a month stands: state, counts by step, what waits and why, the next command."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """PERIOD."""
        parser.add_argument("period", type=period)

    def handle(self, *, period: Period, **_options: Any) -> None:
        """Look and say."""
        found = standing(period)
        held = sum(found.held.values())
        by_reason = ", ".join(f"{reason} {count}" for reason, count in sorted(found.held.items()))
        lines = [
            f"{period}: {found.state}",
            f"  drafts to issue  {found.drafts}",
            f"  held             {held}" + (f" ({by_reason})" if held else ""),
            f"  invoices         {found.invoices}, net {found.net} EUR, gross {found.gross} EUR",
            f"  sealed           {found.sealed}",
            f"  archived         {found.archived}",
            f"  e-mailed         {found.sent}",
            f"  on paper         {found.on_paper}",
            *(f"  waits: {waiting}" for waiting in found.waiting),
            f"Next: manage.py {found.next_command}",
        ]
        self.stdout.write("\n".join(lines))
