"""verify FILE.pdf …: one verdict a line; status 1 unless all are valid and ours."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from invoices import proving
from selfbilling.commandline import DoorCommand


class Command(DoorCommand):
    """Verify sealed files."""

    help = "Say of each file whether its seal is valid and ours, and which invoice it is. A line a file; status 1 unless all are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE.pdf …."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE.pdf")

    def handle(self, *, files: list[Path], **_options: Any) -> None:
        """Judge each."""
        all_ours = True
        for verdict in proving.judge(files):
            self.stdout.write(verdict.sentence)
            all_ours &= verdict.ours
        if not all_ours:
            self.stdout.flush()
            sys.exit(1)
