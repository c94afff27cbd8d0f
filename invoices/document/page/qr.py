"""The QR code: where anybody can see whether this invoice is one of ours, and unchanged."""

import re
from functools import lru_cache

import segno

from invoices.document.page.tagging import TaggedPen, said
from selfbilling.pen import MM, PAGE_HEIGHT

_QUIET = 4  # white modules all around (ISO/IEC 18004 §6.3.8)
_DARK = re.compile("1+")


def draw_code(pen: TaggedPen, url: str, *, x: float, y: float, size: float) -> None:
    """Draw it black on white from that corner down, size in millimetres with its quiet zone."""
    side, modules = modules_of(url)
    rows = f"{modules:0{side * side}b}"
    bars = [
        f"{run.start()} {side - 1 - row} {run.end() - run.start()} 1 re"
        for row in range(side)
        for run in _DARK.finditer(rows[row * side : (row + 1) * side])
    ]
    module = size * MM / (side + 2 * _QUIET)
    left, bottom = x * MM + _QUIET * module, (PAGE_HEIGHT - y - size) * MM + _QUIET * module
    box = f"/A<</O/Layout/Placement/Block/BBox[{x * MM:.1f} {bottom:.1f} {(x + size) * MM:.1f} {(PAGE_HEIGHT - y) * MM:.1f}]>>"
    with pen.element("Figure", said(f"Code QR pour vérifier cette facture : {url}") + box):
        pen.operators(f"q 0 g {module:.4f} 0 0 {module:.4f} {left:.2f} {bottom:.2f} cm {' '.join(bars)} f Q")


def modules_of(url: str) -> tuple[int, int]:
    """Modules on a side, and all of them as the bits of one number, row by row, dark is 1.

    With mode, version, level and mask fixed, every step from text to modules is linear over GF(2): the bits, their
    Reed-Solomon codes, their places, the mask laid over (ISO/IEC 18004 §7). So a code is that of another text of the
    same length, but for the difference that each changed bit makes: differences are drawn once a process.
    """
    text = url.encode()
    kept = text.rstrip(b"/").rpartition(b"/")[0]  # before the token, which a slash may follow
    like = kept + bytes(len(text) - len(kept))
    side, modules = _plain(like)
    for place in range(len(kept), len(text)):
        modules ^= _difference(like, place, text[place])
    return side, modules


@lru_cache(maxsize=4096)
def _difference(like: bytes, place: int, bits: int) -> int:
    """The modules that change with those bits of the byte at that place."""
    lowest = bits & -bits
    if bits != lowest:
        return _difference(like, place, lowest) ^ _difference(like, place, bits ^ lowest)
    changed = bytearray(like)
    changed[place] ^= bits
    return _drawn(bytes(changed))[1] ^ _plain(like)[1]


def _drawn(text: bytes) -> tuple[int, int]:
    code = segno.make(text, mode="byte", error="m", mask=3, boost_error=False, micro=False)
    return len(code.matrix), int("".join("1" if module else "0" for row in code.matrix for module in row), 2)


_plain = lru_cache(maxsize=64)(_drawn)
