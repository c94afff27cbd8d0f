"""Append to a PDF (an incremental update, ISO 32000-2 §7.5.6): the bytes before are kept, new and changed objects follow.

Made for files with cross-reference tables and plain dictionaries, as document/ writes them and as this room appends to
them; of these only the tail and the objects asked for are read. Any other file is a ValueError, never a guess. The same
file and the same values give the same bytes: verification writes anew what it finds, and compares.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_RUN = re.compile(rb"\s*+(\d{1,7}) (\d{1,7}) ?\r?\n")
_ENTRY = re.compile(rb"(\d{10}) \d{5} ([nf])[ \r\n]{2}")
_ENTRY_SIZE = 20  # bytes (§7.5.4)
_REFERENCE = re.compile(rb"(\d{1,7}) 0 R")
_REFERENCES = re.compile(rb"\[\s*(?:\d{1,7} 0 R\s*)*\]")
_PERMANENT_ID = re.compile(rb"\[\s*<([0-9A-Fa-f]{32})>")
_TOKEN = re.compile(
    rb"(?:\s|%[^\r\n]*+)*+(<<|>>|\[|\]|<[0-9A-Fa-f\s]*+>|/[^\s()<>\[\]{}/%]*+|\((?:[^()\\]|\\.)*+\)|[^\s()<>\[\]{}/%]++)",
    re.DOTALL,
)
_DEEPER = {b"<<": 1, b"[": 1, b">>": -1, b"]": -1}
_LONGEST_DICTIONARY = 1 << 16  # bytes
_MOST_UPDATES, _MOST_RUNS, _DEEPEST_PAGE = 100, 1000, 20

Entries = dict[bytes, bytes]
"""A dictionary: key -> value, as they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """One cross-reference section. runs: (first number, how many, where the first one's entry stands)."""

    runs: list[tuple[int, int, int]]
    trailer: Entries


class Original:
    """The file before an update. Everything raises ValueError where the file is not in the form that we write."""

    def __init__(self, pdf: bytes) -> None:
        end = _END.search(pdf[-64:])
        if end is None:
            raise ValueError("the file does not end with startxref")
        self.pdf = pdf
        self.table_at = int(end[1])
        self._tables = [_table(pdf, at=self.table_at)]
        while (previous := self._tables[-1].trailer.get(b"/Prev")) is not None:
            if len(self._tables) == _MOST_UPDATES:
                raise ValueError("too many updates")
            self._tables.append(_table(pdf, at=number(previous)))
        self.trailer = self._tables[0].trailer
        self.catalog = reference(_required(self.trailer, b"/Root"))
        self.next_number = number(_required(self.trailer, b"/Size"))
        self._read: dict[int, Entries] = {}

    def added_from(self) -> int:
        """Where the last update begins: with the first of its objects."""
        entries = (self._offset(at + _ENTRY_SIZE * n) for _, size, at in self._tables[0].runs for n in range(size))
        return min((offset for offset in entries if offset is not None), default=self.table_at)

    def first_page(self) -> int:
        """The first page's object."""
        found = reference(_required(self.entries(self.catalog), b"/Pages"))
        for _ in range(_DEEPEST_PAGE):
            entries = self.entries(found)
            if entries.get(b"/Type") == b"/Page":
                return found
            found = (*references(_required(entries, b"/Kids")), 0)[0]
        raise ValueError("the first page is too deep")

    def entries(self, wanted: int) -> Entries:
        """The dictionary that object is, in its newest version; the caller may change it."""
        if wanted not in self._read:
            start, head = self.start(wanted), b"%d 0 obj" % wanted
            if not self.pdf.startswith(head, start):
                raise ValueError(f"object {wanted} is not where the table says")
            self._read[wanted] = dictionary(self.pdf, at=start + len(head))
        return dict(self._read[wanted])

    def stream(self, wanted: int) -> bytes:
        """The content of a stream as stream() writes it."""
        size = number(_required(self.entries(wanted), b"/Length"))
        start = self.pdf.index(b"stream\n", self.start(wanted)) + len(b"stream\n")
        return self.pdf[start : start + size]

    def start(self, wanted: int) -> int:
        """Where that object begins, in its newest version."""
        for table in self._tables:
            for first, size, at in table.runs:
                if first <= wanted < first + size:
                    offset = self._offset(at + _ENTRY_SIZE * (wanted - first))
                    if offset is None:
                        raise ValueError(f"object {wanted} is free")
                    return offset
        raise ValueError(f"there is no object {wanted}")

    def _offset(self, at: int) -> int | None:
        """What one entry of a table says; None: that its object is free."""
        entry = _ENTRY.match(self.pdf, at)
        if entry is None:
            raise ValueError("a cross-reference entry cannot be read")
        return int(entry[1]) if entry[2] == b"n" else None


def appended(original: Original, objects: Mapping[int, bytes]) -> tuple[bytes, dict[int, int]]:
    """The file with these objects (number -> what stands between obj and endobj), and where each of them begins."""
    parts, at = [original.pdf], len(original.pdf)
    offsets: dict[int, int] = {}
    for one in sorted(objects):
        offsets[one] = at
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (one, objects[one]))
        at += len(parts[-1])
    permanent = _PERMANENT_ID.match(_required(original.trailer, b"/ID"))
    if permanent is None:
        raise ValueError("the file has no identifier")
    changing = hashlib.sha256(b"".join(parts[1:])).hexdigest()[:32].encode()
    trailer: Entries = {
        b"/ID": b"[ <%b> <%b> ]" % (permanent[1], changing),
        **{key: original.trailer[key] for key in (b"/Info", b"/Root") if key in original.trailer},
        b"/Size": b"%d" % max(original.next_number, max(objects) + 1),
        b"/Prev": b"%d" % original.table_at,
    }
    parts.append(_cross_references(offsets))
    parts.append(b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (written(trailer), at))
    return b"".join(parts), offsets


def written(entries: Mapping[bytes, bytes]) -> bytes:
    """A dictionary, an entry a line."""
    return b"<<\n%b\n>>" % b"\n".join(b"%b %b" % entry for entry in entries.items())


def stream(content: bytes) -> bytes:
    """A stream without filters."""
    return b"<<\n/Length %d\n>>\nstream\n%b\nendstream" % (len(content), content)


def array_of(numbers: Sequence[int]) -> bytes:
    """An array of references to these objects."""
    return b"[ %b ]" % b" ".join(b"%d 0 R" % one for one in numbers)


def with_reference(array: bytes, one: int) -> bytes:
    """An array, whatever else is in it, with a reference more. Raises ValueError."""
    if not (array.startswith(b"[") and array.endswith(b"]")):
        raise ValueError("not an array")
    return b"%b %d 0 R ]" % (array[:-1].rstrip(), one)


def references(array: bytes) -> list[int]:
    """The numbers in an array of references. Raises ValueError."""
    if not _REFERENCES.fullmatch(array):
        raise ValueError("not an array of references")
    return [int(one) for one in _REFERENCE.findall(array)]


def reference(value: bytes) -> int:
    """The number in a reference. Raises ValueError."""
    match = _REFERENCE.fullmatch(value)
    if match is None:
        raise ValueError("not a reference")
    return int(match[1])


def number(value: bytes) -> int:
    """A whole number of at most ten digits. Raises ValueError."""
    if not value.isdigit() or len(value) > 10:
        raise ValueError("not a number")
    return int(value)


def dictionary(data: bytes, *, at: int) -> Entries:
    """The dictionary that begins there, after white space at most. Raises ValueError."""
    found: Entries = {}
    token, at = _token(data, at=at)
    limit = at + _LONGEST_DICTIONARY
    if token != b"<<":
        raise ValueError("not a dictionary")
    key, at = _token(data, at=at)
    while key != b">>":
        if not key.startswith(b"/") or key in found:
            raise ValueError("a key is missing, or there twice")
        value, end = _token(data, at=at)
        depth = _DEEPER.get(value, 0)
        following, after = _token(data, at=end)
        while depth > 0 or not (following == b">>" or following.startswith(b"/")):
            depth, end = depth + _DEEPER.get(following, 0), after
            following, after = _token(data, at=end)
            if after > limit:
                raise ValueError("a value is too long")
        if depth < 0 or after > limit:
            raise ValueError("a value is missing, or too long")
        found[key] = data[at:end].strip()
        key, at = following, after
    return found


def _token(data: bytes, *, at: int) -> tuple[bytes, int]:
    """The next token, and where it ends."""
    match = _TOKEN.match(data, at)
    if match is None:
        raise ValueError("something that is in no dictionary of ours")
    return match[1], match.end()


def _table(pdf: bytes, *, at: int) -> _Table:
    if not pdf.startswith(b"xref", at):
        raise ValueError("there is no cross-reference table")
    runs, at = [], at + len(b"xref")
    while match := _RUN.match(pdf, at):
        size, start = int(match[2]), match.end()
        runs.append((int(match[1]), size, start))
        at = start + _ENTRY_SIZE * size
        if len(runs) > _MOST_RUNS:
            raise ValueError("a cross-reference table has too many parts")
    token, at = _token(pdf, at=at)
    if token != b"trailer":
        raise ValueError("a cross-reference table does not end")
    trailer = dictionary(pdf, at=at)
    if trailer.keys() & {b"/XRefStm", b"/Encrypt"}:
        raise ValueError("the file is a hybrid one, or encrypted")
    return _Table(runs=runs, trailer=trailer)


def _cross_references(offsets: Mapping[int, int]) -> bytes:
    """The table of these objects: one subsection for each run of numbers."""
    parts, last = [b"xref\n"], None
    numbers = sorted(offsets)
    for one in numbers:
        if last is None or one != last + 1:
            run = next(n for n in count(1) if one + n not in offsets)
            parts.append(b"%d %d\n" % (one, run))
        parts.append(b"%010d 00000 n \n" % offsets[one])
        last = one
    return b"".join(parts)


def _required(entries: Entries, key: bytes) -> bytes:
    if key not in entries:
        raise ValueError(f"{key.decode('latin-1')} is missing")
    return entries[key]
