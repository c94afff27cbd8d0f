"""A file that is held in memory and judged row by row: relays, mandates, tariffs (thousands of rows, not millions)."""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from selfbilling.tabular.importing import BadRow
from selfbilling.tabular.reading import BadFile, File, Problem, Record, Table, shown

R = TypeVar("R")


LARGEST = 20_000_000  # bytes: some 90,000 relays, 650 MB of memory


class Sheet(Generic[R]):
    """All rows of a file; a row is good until a problem is found in it. Raises BadFile."""

    def __init__(self, table: Table[R], file: File) -> None:
        self.file = file
        if file.path.is_file() and file.path.stat().st_size > LARGEST:
            raise BadFile(f"{file.path}: is larger than {LARGEST:,} bytes, too large for a file of {file.kind}; import it in parts")
        self.records: list[Record[R]] = list(table.records(file))

    def good(self) -> list[tuple[int, R]]:
        """The rows without a problem, with their line numbers."""
        return [(record.line, record.row) for record in self.records if record.row is not None and not record.problems]

    def bad_rows(self) -> Iterator[BadRow]:
        """The rows with a problem, in the file's order."""
        return (BadRow(record.line, record.problems) for record in self.records if record.problems)

    def groups(self, *names: str) -> dict[tuple[Any, ...], list[Record[R]]]:
        """The rows, good or bad, by the values of these columns; without those in which one could not be read."""
        found: dict[tuple[Any, ...], list[Record[R]]] = {}
        for record in self.records:
            key = record.part(*names)
            if key is not None:
                found.setdefault(key, []).append(record)
        return found

    def refuse_twice(self, *key: str) -> None:
        """Of a key twice in the file all rows are bad, even if equal."""
        for values, records in self.groups(*key).items():
            if len(records) > 1:
                lines = ", ".join(str(record.line) for record in records[:5])
                for record in records:
                    reason = f"is there {len(records)} times (lines {lines}{'…' if len(records) > 5 else ''})"
                    problem = Problem(", ".join(key), shown(" ".join(map(_said, values))), reason, "keep one row of them")
                    record.problems.append(problem)

    def in_or_out_together(self, *names: str, what: str) -> None:
        """Rows equal in these columns stand or fall together. what: the group, in words. Call it when all else is judged."""
        for values, records in self.groups(*names).items():
            first_bad = next((record.line for record in records if record.problems), None)
            for record in records:
                if first_bad is not None and not record.problems:
                    reason = f"{what} go in or out together, and line {first_bad} is bad"
                    record.problems.append(Problem(names[0], shown(values[0]), reason, f"mend line {first_bad}"))


def _said(value: object) -> str:
    return "(none)" if value is None or value == "" else str(value)
