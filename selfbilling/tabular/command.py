"""What the import commands share: import_<kind> FILE [--partial]."""

from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

from selfbilling.commandline import DoorCommand, progress, say
from selfbilling.tabular.importing import Judge, Report, take, take_good_rows
from selfbilling.tabular.reading import Watch, unwatched

_LARGE = 10_000_000  # bytes: from here on a bar shows how far the reading is


class ImportCommand(DoorCommand):
    """A command that brings one file in. judge: how that kind of file is read."""

    judge: ClassVar[Judge]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE [--partial]."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--partial", action="store_true", help="take the good rows; the bad ones go to FILE.rejected.csv, to be mended and imported"
        )

    def handle(self, *, file: Path, partial: bool, **_options: Any) -> None:
        """Take the file, or its good rows, and say what came of it."""
        with ExitStack() as stack:
            watch = _bar(file, stack)
            judge = type(self).judge
            report = take_good_rows(judge, file, watch=watch) if partial else take(judge, file, watch=watch)
        self._say(file, report)

    def _say(self, file: Path, report: Report) -> None:
        for line in report.listing:
            say(line)
        self.stdout.write(f"{file}: {report.counts}.")
        if report.rejected:
            self.stdout.write(f"The bad rows are in {report.rejected}: mend them there and import that file.")


def _bar(file: Path, stack: ExitStack) -> Watch:
    """What shows how far the reading of a large file is."""
    if not file.is_file() or file.stat().st_size < _LARGE:
        return unwatched
    bar = stack.enter_context(progress(total=file.stat().st_size // 1024, label=f"Reading {file.name}", unit="kB"))

    def watch(done: int, _size: int) -> None:
        bar.update(done // 1024 - bar.n)

    return watch
