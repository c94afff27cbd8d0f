"""export_run PERIOD DIR: the sealed files, register.csv and held.csv."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from invoices import register
from invoices.management.arguments import period
from invoices.period import Period
from selfbilling.commandline import DoorCommand, progress
from selfbilling.counting import counted


class Command(DoorCommand):
    """Export a month."""

    help = "Write a month's sealed invoices, register.csv and held.csv into a folder (made if need be)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """PERIOD DIR."""
        parser.add_argument("period", type=period)
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *, period: Period, folder: Path, **_options: Any) -> None:
        """Export."""
        with progress(total=None, label="Exporting", unit="invoices") as bar:
            count = register.export(period, folder, progress=bar.update)
        self.stdout.write(f"{period}: {counted(count, 'invoice')}, register.csv and held.csv in {folder}")
