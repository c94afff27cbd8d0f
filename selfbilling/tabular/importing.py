"""One path for command and admin: a file is judged (new, changed, there already, bad), then taken, or only looked at.

A judge is a function of relays/importing or invoices/importing: it reads a file inside a transaction, writes nothing,
and returns what it found as a Judged. Here is what happens with it: all or nothing, or the good rows alone.
"""

import contextlib
import csv
import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from selfbilling import journal, locks
from selfbilling.errors import Refused
from selfbilling.tabular.reading import File, Problem, Watch, unwatched

LISTED = 1_000  # bad rows; of more than that only the count is said
_ADDED = ["line", "reason"]


class BadRow(NamedTuple):
    """A row that cannot go in, and why."""

    line: int
    problems: list[Problem]


class Change(NamedTuple):
    """One value of the database that a good row changes. key: whose value, as people name it.

    before, after: text, day, amount, number or truth; "" or None means empty. since: from which day it holds, or None.
    """

    line: int
    key: str
    column: str
    before: object
    after: object
    since: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Rows of a file by what they are to the database."""

    new: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0

    @property
    def rows(self) -> int:
        """All rows of the file but blank ones."""
        return self.new + self.changed + self.same + self.bad

    def __str__(self) -> str:
        return f"{self.new} new, {self.changed} changed, {self.same} there already, {self.bad} bad"


class Judged(Protocol):
    """A file that was read and compared with the database; valid until the transaction ends."""

    file: File
    counts: Counts

    def bad_rows(self) -> Iterator[BadRow]:
        """The bad rows, in the file's order."""
        ...

    def changes(self) -> Iterator[Change]:
        """What the good rows change, value by value, in the file's order; nothing of what is new."""
        ...

    def write(self) -> None:
        """Write the good rows."""
        ...


class Judge(Protocol):
    """Reads a file. Raises BadFile."""

    def __call__(self, path: Path, *, watch: Watch = unwatched) -> Judged: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an import found and did. listing: the first bad rows, in words. rejected: the file with the bad rows."""

    counts: Counts
    listing: list[str]
    rejected: Path | None = None


class BadRows(Refused):
    """The file has bad rows; nothing was changed. The message lists them."""

    def __init__(self, path: Path, report: Report) -> None:
        self.report = report
        counts = report.counts
        what = f"{path}: {counts.bad} of {counts.rows} rows {'is' if counts.bad == 1 else 'are'} bad; nothing was changed."
        remedy = f"Mend the file, or take its good rows with --partial (the bad ones go to {rejected_path(path).name})."
        super().__init__("\n".join([*report.listing, f"{what} {remedy}"]))


class MovedOn(Refused):
    """What the file would bring is no longer what was looked at; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(_("The data changed since you looked at this file. Here is what it would do now: look again, then import it."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a file would bring. bad: the first of the bad rows; digest: of all that is said here, and of the day."""

    counts: Counts
    bad: list[BadRow]
    changes: list[Change]
    digest: str


def look(judge: Judge, path: Path) -> Preview:
    """What the file would bring, value by value; nothing is changed, nobody waits. Raises BadFile."""
    with transaction.atomic():
        seen = _seen(judge(path))
        transaction.set_rollback(True)
    return seen


def set_bad_rows_aside(judge: Judge, path: Path) -> Path | None:
    """Write the bad rows to <FILE>.rejected.csv, to be mended; nothing is imported. None: there are none. Raises BadFile."""
    with transaction.atomic():
        judged = judge(path)
        rejected = _reject(judged) if judged.counts.bad else None
        transaction.set_rollback(True)
    return rejected


def preview(judge: Judge, path: Path, *, watch: Watch = unwatched) -> Report:
    """What the file would bring; nothing is changed. Raises BadFile."""
    with transaction.atomic():
        judged = _judge(judge, path, watch=watch)
        report = Report(counts=judged.counts, listing=_listing(judged))
        transaction.set_rollback(True)
    return report


def take_as_seen(judge: Judge, path: Path, *, digest: str, by: Any) -> Counts:
    """Bring in the good rows of a file that a person looked at (look()), exactly as it was shown.

    Raises BadFile, MovedOn, Unavailable (somebody bills or imports).
    """
    with transaction.atomic():
        locks.change_inputs_soon()
        judged = judge(path)
        if _seen(judged).digest != digest:
            raise MovedOn
        _write(judged, by=by)
        return judged.counts


def take(judge: Judge, path: Path, *, by: Any = None, watch: Watch = unwatched) -> Report:
    """Bring the whole file in, or nothing. by: a Person, or None for the system. Raises BadFile, BadRows."""
    with transaction.atomic():
        judged = _judge(judge, path, watch=watch)
        report = Report(counts=judged.counts, listing=_listing(judged))
        if judged.counts.bad:
            raise BadRows(path, report)
        _write(judged, by=by)
    return report


def take_good_rows(judge: Judge, path: Path, *, by: Any = None, watch: Watch = unwatched) -> Report:
    """Bring the good rows in; the bad ones go to <FILE>.rejected.csv, to be mended and imported. Raises BadFile."""
    with transaction.atomic():
        judged = _judge(judge, path, watch=watch)
        _write(judged, by=by)
        rejected = _reject(judged) if judged.counts.bad else None
        return Report(counts=judged.counts, listing=_listing(judged), rejected=rejected)


def rejected_path(path: Path) -> Path:
    """Where the bad rows of that file go."""
    return path.with_name(f"{path.name}.rejected.csv")


def _judge(judge: Judge, path: Path, *, watch: Watch) -> Judged:
    locks.change_inputs()  # lock first, look second
    return judge(path, watch=watch)


def _seen(judged: Judged) -> Preview:
    bad, changes = list(islice(judged.bad_rows(), LISTED)), list(judged.changes())
    said = repr((judged.counts, bad, changes, timezone.localdate()))
    return Preview(counts=judged.counts, bad=bad, changes=changes, digest=hashlib.sha256(said.encode()).hexdigest())


def _write(judged: Judged, *, by: Any) -> None:
    path, counts = judged.file.path, judged.counts
    judged.write()
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    name = path.name.encode("utf-8", "replace").decode()
    journal.record(
        act="imported",
        subject=f"file:{name}"[:120],
        by=by,
        kind=judged.file.kind,
        sha256=sha256,
        new=counts.new,
        changed=counts.changed,
        same=counts.same,
        bad=counts.bad,
    )


def _listing(judged: Judged) -> list[str]:
    lines = [_said(row.line, problem) for row in islice(judged.bad_rows(), LISTED) for problem in row.problems]
    more = judged.counts.bad - LISTED
    return [*lines, f"and {more} more bad rows"] if more > 0 else lines


def _said(line: int, problem: Problem) -> str:
    return f"line {line}: {_problem(problem)}"


def _problem(problem: Problem) -> str:
    return f"{problem.column or 'row'} “{problem.value}” {problem.reason}; {problem.remedy}"


def _reject(judged: Judged) -> Path:
    """Write the bad rows beside the file, whole or not at all. Raises Refused where that cannot be."""
    path = rejected_path(judged.file.path)
    unfinished = path.with_name(f"{path.name}.part")
    judged.file.watch = unwatched  # it was watched as it was judged
    try:
        with unfinished.open("w", encoding="utf-8-sig" if judged.file.has_bom else "utf-8", newline="") as out:
            writer = csv.writer(out, delimiter=judged.file.delimiter, lineterminator="\n")
            writer.writerows(_rejected_rows(judged))
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise Refused(f"{path}: cannot be written ({error.strerror}), nothing was changed; import a copy of the file elsewhere") from None
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()
    return path


def _rejected_rows(judged: Judged) -> Iterator[list[str]]:
    """The header and the bad rows as they were written, each with its line and reason; cells beyond the header come last."""
    bad = judged.bad_rows()
    next_bad = next(bad, None)
    header = judged.file.header
    kept = [at for at, name in enumerate(header) if name not in _ADDED]
    yield [*(header[at] for at in kept), *_ADDED]
    for row in judged.file.rows():
        if next_bad is None:
            return
        if row.line == next_bad.line:
            reason = " | ".join(map(_problem, next_bad.problems))
            cells = [row.cells[at] if at < len(row.cells) else "" for at in kept]
            yield [*cells, str(row.line), reason, *row.cells[len(header) :]]
            next_bad = next(bad, None)
