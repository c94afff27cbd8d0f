"""The operator's CSV -> typed rows, one at a time, however large the file (docs/files.md, Reading).

A file that is no table (not UTF-8, no header, a quote that never closes) is one error, BadFile. A row that is wrong is a
Record with problems; the others are read on. Line numbers are those of the file, where the row starts.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from selfbilling.errors import Refused
from selfbilling.tabular.cells import BadCell

R = TypeVar("R")
Watch = Callable[[int, int], None]
"""Told now and then how far a reading is: bytes read, bytes in all."""

LONGEST_ROW = 1_000_000  # characters: what is held in memory at once
_ROWS_BETWEEN_LOOKS = 5_000


class BadFile(Refused):
    """The file as a whole cannot be read; nothing was changed."""


class Problem(NamedTuple):
    """What is wrong in a row. column: "" means the row as a whole. value: as shown() shows it."""

    column: str
    value: str
    reason: str
    remedy: str


class Row(NamedTuple):
    """One row as it is written. broken: why its cells are only a guess, or ""."""

    line: int
    cells: list[str]
    broken: str


class Column(NamedTuple):
    """A column of a table. optional: the file may lack it, its value is None then."""

    name: str
    parse: Callable[[str], Any]
    optional: bool = False


@dataclass(slots=True)
class Record(Generic[R]):
    """One row, typed; or bad: row is None, known holds the columns that could be read."""

    line: int
    row: R | None
    problems: list[Problem] = field(default_factory=list)
    known: dict[str, Any] = field(default_factory=dict)

    def part(self, *names: str) -> tuple[Any, ...] | None:
        """The values of these columns, of a good row or a bad one; None if one of them could not be read."""
        if self.row is not None:
            return tuple(getattr(self.row, name) for name in names)
        if all(name in self.known for name in names):
            return tuple(self.known[name] for name in names)
        return None


def shown(value: object) -> str:
    """A value as a message shows it: at most 60 characters, nothing in it that a terminal would obey."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value)[:61])
    return text if len(text) <= 60 else text[:59] + "…"


def unwatched(_done: int, _size: int) -> None:
    """The Watch of a reading that nobody looks at."""


class _Lines:
    """The lines of a text, never more than LONGEST_ROW characters of one row in memory."""

    def __init__(self, text: io.TextIOBase, *, file: "File") -> None:
        self._text, self._file = text, file
        self.number = 0  # of the line that was read last
        self.start_row()

    def start_row(self) -> None:
        """What is read from here on is another row."""
        self.row: list[str] = []
        self._length = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        try:
            line = self._text.readline(LONGEST_ROW)
        except UnicodeDecodeError:
            raise self._file.not_utf8() from None
        except OSError as error:
            raise BadFile(f"{self._file.path}: cannot be read ({error.strerror})") from None
        if not line:
            raise StopIteration
        self.number += 1
        self.row.append(line)
        self._length += len(line)
        if self._length >= LONGEST_ROW:
            raise self._file.endless(self.number - len(self.row) + 1)
        return line


class File:
    """A CSV file of the operator. kind: what it holds; wanted: the columns that it must have; names: all that are known."""

    def __init__(self, path: Path, *, kind: str, wanted: Sequence[str], names: Sequence[str], watch: Watch = unwatched) -> None:
        self.path, self.kind, self.wanted, self.names, self.watch = path, kind, wanted, names, watch
        self.header: list[str] = []
        self.delimiter = ","
        self.has_bom = False

    def rows(self) -> Iterator[Row]:
        """The rows, as they are written; blank ones are skipped. Raises BadFile."""
        with self._text() as (binary, text):
            size = self.path.stat().st_size
            lines = _Lines(text, file=self)
            reader = self._start(lines)
            for count, row in enumerate(self._rows(reader, lines), start=1):
                if count % _ROWS_BETWEEN_LOOKS == 0:
                    self.watch(binary.tell(), size)
                yield row
            self.watch(size, size)

    @contextmanager
    def _text(self) -> Iterator[tuple[io.BufferedReader, io.TextIOWrapper]]:
        if self.path.exists() and not self.path.is_file():
            raise BadFile(f"{self.path}: is not a file; name the CSV file itself")
        try:
            binary = self.path.open("rb")
        except FileNotFoundError:
            raise BadFile(f"{self.path}: there is no such file") from None
        except (OSError, ValueError) as error:
            raise BadFile(f"{self.path}: cannot be opened ({getattr(error, 'strerror', None) or error})") from None
        with binary, io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as text:
            self.has_bom = binary.peek(3)[:3] == codecs.BOM_UTF8
            yield binary, text

    def _start(self, lines: _Lines) -> Iterator[list[str]]:
        """A reader of the rows, past the header. Raises BadFile."""
        first = next((line for line in lines if line.strip()), None)
        if first is None:
            raise BadFile(f"{self.path}: is empty; its first line must name the columns: {', '.join(self.names)}")
        if "\x00" in first:
            raise BadFile(f"{self.path}: is not UTF-8 but UTF-16, or no text at all; save it as “CSV UTF-8”")
        self.delimiter = max((",", ";"), key=lambda each: len(set(_names(first, each)) & set(self.names)))
        reader = csv.reader(chain([first], lines), delimiter=self.delimiter, strict=True)
        try:
            self.header = [name.strip() for name in next(reader)]
        except csv.Error:
            raise BadFile(f"{self.path}: the quotes of its header, line {lines.number}, do not close; mend them") from None
        self._check_header(lines.number)
        return reader

    def _check_header(self, line: int) -> None:
        twice = sorted({name for name in self.header if name in self.names and self.header.count(name) > 1})
        if twice:
            raise BadFile(f"{self.path}: its header names {', '.join(twice)} twice; keep one column of each name")
        missing = [name for name in self.wanted if name not in self.header]
        if len(missing) == len(self.wanted):
            raise BadFile(f"{self.path}: line {line} is no header; the first line must name the columns: {', '.join(self.names)}")
        if missing:
            raise BadFile(f"{self.path}: its header lacks {', '.join(missing)}; add what is missing and import again")

    def _rows(self, reader: Iterator[list[str]], lines: _Lines) -> Iterator[Row]:
        while True:
            lines.start_row()
            start, broken = lines.number + 1, ""
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "expected after" not in str(error):  # a field beyond csv.field_size_limit(), or the file's end
                    raise self.endless(start) from None
                cells = next(csv.reader([" ".join(map(str.strip, lines.row))], delimiter=self.delimiter, quoting=csv.QUOTE_NONE))
                broken = "has something after a closing quote"
            if cells and (cells[0].strip() or any(cell.strip() for cell in cells)):
                yield Row(start, cells, broken)

    def endless(self, line: int) -> BadFile:
        """The error of a row that does not end, or not in sight."""
        return BadFile(f"{self.path}: the row that starts on line {line} is too long or does not end; look for a quote that never closes")

    def not_utf8(self) -> BadFile:
        """The error that says where the file is not UTF-8: read once more, up to there."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        offset, line = 0, 1
        with self.path.open("rb") as binary:
            while chunk := binary.read(1 << 20):
                waiting = len(decoder.getstate()[0])
                try:
                    line += decoder.decode(chunk).count("\n")
                except UnicodeDecodeError as error:
                    offset += error.start - waiting
                    line += error.object[: error.start].count(b"\n")
                    break
                offset += len(chunk)
            else:  # the file ends within a character
                offset -= len(decoder.getstate()[0])
        return BadFile(
            f"{self.path}: is not UTF-8 (line {line}, byte {offset + 1}); save it as “CSV UTF-8”, or convert it:"
            f" iconv -f WINDOWS-1252 -t UTF-8"
        )


def _names(line: str, delimiter: str) -> list[str]:
    """The names in a header's first line, if it were separated so."""
    return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]


class Table(Generic[R]):
    """What a kind of file holds. make: takes the columns' values by position, in the order of columns."""

    def __init__(self, kind: str, *columns: Column, make: Callable[..., R]) -> None:
        self.kind, self.columns, self.make = kind, columns, make
        self.names = tuple(column.name for column in columns)
        self.wanted = tuple(column.name for column in columns if not column.optional)

    def file(self, path: Path, *, watch: Watch = unwatched) -> File:
        """The file at that path, to be read as this table."""
        return File(path, kind=self.kind, wanted=self.wanted, names=self.names, watch=watch)

    def records(self, file: File) -> Iterator[Record[R]]:
        """The file's rows, typed or with their problems. Raises BadFile."""
        rows = file.rows()
        first = next(rows, None)
        if first is None:
            return
        width = len(file.header)
        places = [file.header.index(name) if name in file.header else None for name in self.names]
        plan = [(_absent, 0) if at is None else (column.parse, at) for column, at in zip(self.columns, places, strict=True)]
        make = self.make
        for row in chain([first], rows):
            if len(row.cells) == width and not row.broken:
                try:
                    made = make(*[parse(row.cells[at]) for parse, at in plan])
                except BadCell:
                    pass
                else:
                    yield Record(row.line, made)
                    continue
            yield self._bad(row, plan=plan, width=width)

    def _bad(self, row: Row, *, plan: list[tuple[Callable[[str], Any], int]], width: int) -> Record[R]:
        record: Record[R] = Record(row.line, None)
        whole = not row.broken and len(row.cells) == width
        if row.broken:
            record.problems.append(Problem("", shown(file_line(row)), row.broken, "double the quotes that belong to the value"))
        elif not whole:
            remedy = "put values that contain the separator between quotes" if len(row.cells) > width else "complete the row"
            record.problems.append(Problem("", shown(file_line(row)), f"has {len(row.cells)} cells, the header {width}", remedy))
        for column, (parse, at) in zip(self.columns, plan, strict=True):
            if at >= len(row.cells):
                continue
            try:
                record.known[column.name] = parse(row.cells[at])
            except BadCell as bad:
                if whole:
                    record.problems.append(Problem(column.name, shown(row.cells[at]), bad.reason, bad.remedy))
        return record


def file_line(row: Row) -> str:
    """The row's cells as one text, for a message."""
    return " | ".join(row.cells)


def _absent(_cell: str) -> None:
    """The value of an optional column that the file lacks."""
    return None
