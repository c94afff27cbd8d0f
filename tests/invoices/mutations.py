"""Files as accident and malice change them: each by a few changes drawn from a seed, so that a file can be made again."""

import re
from collections.abc import Callable, Sequence
from random import Random

LARGEST = 200_000
"""Bytes that one change may add."""
_NUMBER = re.compile(rb"\d+")
_NAME = re.compile(rb"/[A-Za-z]+")
_OPENINGS = (b"[", b"<<", b"<</A", b"(", b"<", b"[ 1 0 R ", b"1 0 obj ")


def mutated(files: Sequence[bytes], *, seed: int) -> tuple[bytes, str]:
    """One of the files after one to three changes, and which they were."""
    drawn = Random(seed)
    pdf, names = drawn.choice(files), []
    for _ in range(drawn.choice((1, 1, 2, 3))):
        change = drawn.choice(CHANGES)
        pdf = change(pdf, drawn, files)
        names.append(change.__name__)
    return pdf, ", ".join(names)


def _piece(pdf: bytes, drawn: Random, *, longest: int = 20_000) -> tuple[int, int]:
    start = drawn.randrange(len(pdf) + 1)
    return start, min(len(pdf), start + drawn.randrange(1, longest))


def bits_flipped(pdf: bytes, drawn: Random, _files: Sequence[bytes]) -> bytes:
    changed = bytearray(pdf)
    for _ in range(drawn.choice((1, 1, 2, 20, 400)) if pdf else 0):
        changed[drawn.randrange(len(pdf))] ^= 1 << drawn.randrange(8)
    return bytes(changed)


def cut(pdf: bytes, drawn: Random, _files: Sequence[bytes]) -> bytes:
    at = drawn.randrange(len(pdf) + 1)
    return drawn.choice((pdf[:at], pdf[at:], pdf[: -drawn.randrange(1, 50)], pdf.rpartition(b"%%EOF")[0]))


def spliced(pdf: bytes, drawn: Random, files: Sequence[bytes]) -> bytes:
    """The beginning of one file, the end of another."""
    other = drawn.choice(files)
    at = drawn.randrange(len(pdf) + 1)
    return pdf[:at] + other[drawn.choice((at, drawn.randrange(len(other) + 1))) :]


def doubled(pdf: bytes, drawn: Random, _files: Sequence[bytes]) -> bytes:
    """A section twice or more: behind itself, at the end, anywhere."""
    start, end = _piece(pdf, drawn)
    at = drawn.choice((end, len(pdf), drawn.randrange(len(pdf) + 1)))
    return pdf[:at] + pdf[start:end] * drawn.choice((1, 1, 2, 8)) + pdf[at:]


def updates_doubled(pdf: bytes, drawn: Random, _files: Sequence[bytes]) -> bytes:
    """Whole updates again."""
    ends = [match.end() + 1 for match in re.finditer(b"%%EOF", pdf)] or [0]
    return pdf + pdf[drawn.choice(ends[:-1] or ends) :] * drawn.choice((1, 2, 30))


def dropped(pdf: bytes, drawn: Random, _files: Sequence[bytes]) -> bytes:
    start, end = _piece(pdf, drawn)
    return pdf[:start] + pdf[end:]


def overwritten(pdf: bytes, drawn: Random, _files: Sequence[bytes]) -> bytes:
    start, end = _piece(pdf, drawn, longest=300)
    return pdf[:start] + drawn.randbytes(end - start) + pdf[end:]


def _another(pattern: re.Pattern[bytes], pdf: bytes, drawn: Random, other: Callable[[bytes], bytes]) -> bytes:
    """One match of the pattern replaced; more often near the end, where tables and ranges are."""
    found = list(pattern.finditer(pdf))
    if not found:
        return pdf
    match = drawn.choice(found[-drawn.choice((10, 100, len(found))) :])
    return pdf[: match.start()] + other(match[0]) + pdf[match.end() :]


def giant_number(pdf: bytes, drawn: Random, _files: Sequence[bytes]) -> bytes:
    digits = drawn.choice((1, 5, 10, 11, 19, 20, 400, 5_000, 100_000))
    giant = drawn.choice((b"-", b"", b"")) + b"9" * digits
    return _another(_NUMBER, pdf, drawn, lambda _old: giant)


def number_changed(pdf: bytes, drawn: Random, _files: Sequence[bytes]) -> bytes:
    by = drawn.choice((-1, 1, 10, -int(1e9)))
    return _another(_NUMBER, pdf, drawn, lambda old: b"%d" % (int(old[:18]) + by))


def name_changed(pdf: bytes, drawn: Random, _files: Sequence[bytes]) -> bytes:
    names = _NAME.findall(pdf) or [b"/A"]
    other = drawn.choice(names)
    return _another(_NAME, pdf, drawn, lambda _old: other)


def nested(pdf: bytes, drawn: Random, _files: Sequence[bytes]) -> bytes:
    """Something opened again and again, where a number or a name was, and closed or not."""
    opening = drawn.choice(_OPENINGS)
    times = drawn.choice((1, 50, 2_000, LARGEST // 2 // len(opening)))
    closing = {b"[": b"]", b"<<": b">>", b"(": b")", b"<": b">"}.get(opening, b"") * times * drawn.randrange(2)
    return _another(drawn.choice((_NUMBER, _NAME)), pdf, drawn, lambda old: opening * times + old + closing)


CHANGES = (
    bits_flipped,
    cut,
    spliced,
    doubled,
    updates_doubled,
    dropped,
    overwritten,
    giant_number,
    number_changed,
    name_changed,
    nested,
)
