"""Draws text and rules on a canvas, in millimetres from the page's top left corner; sizes of type are in points."""

from functools import lru_cache
from typing import Any

from selfbilling import typeface
from selfbilling.typeface import REGULAR, SEMIBOLD

MM = 72 / 25.4
PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
LEFT, RIGHT = 20.0, 190.0

INK = (0.11, 0.12, 0.13)
SOFT = (0.20, 0.22, 0.24)  # far darker than on screen: it must survive a bad photocopier
ACCENT = (0.04, 0.36, 0.29)
LINE = (0.35, 0.36, 0.38)
WATERMARK = (0.90, 0.90, 0.90)
PALE = (0.70, 0.70, 0.71)

Colour = tuple[float, float, float]


class Pen:
    """A hand on one canvas. It writes only letters that the typeface has."""

    def __init__(self, canvas: Any) -> None:
        typeface.register()
        self._canvas = canvas
        self._ink: Colour | None = None  # what the page's content stream writes in now; None: not set on this page

    def text(self, text: str, *, x: float, y: float, size: float = 9, font: str = REGULAR, ink: Colour = INK) -> None:
        """One line; y is its baseline. Written as operators, since ReportLab cannot widen one space within a line."""
        canvas = self._canvas
        if ink != self._ink:
            canvas._code.append(f"{ink[0]} {ink[1]} {ink[2]} rg")
            self._ink = ink
        pieces = typeface.shown(typeface.printable(text), font=font, document=canvas._doc)
        shown = " ".join(f"{name} {size:.4g} Tf {operand} TJ" for name, operand in pieces)
        canvas._code.append(f"BT 1 0 0 1 {x * MM:.2f} {(PAGE_HEIGHT - y) * MM:.2f} Tm {shown} ET")

    def right(self, text: str, *, x: float, y: float, size: float = 9, font: str = REGULAR, ink: Colour = INK) -> None:
        """One line that ends at x."""
        self.text(text, x=x - width(text, size=size, font=font), y=y, size=size, font=font, ink=ink)

    def fitted(
        self,
        text: str,
        *,
        x: float,
        y: float,
        room: float,
        size: float = 9,
        font: str = REGULAR,
        ink: Colour = INK,
        smallest: float = 0.88,
    ) -> float:
        """A line that shrinks where it is too long, to `smallest` of its size, then wraps; returns the next baseline."""
        smaller = max(smallest, min(1.0, room / max(width(text, size=size, font=font), 0.1))) * size
        return self.wrapped(text, x=x, y=y, room=room, size=smaller, font=font, ink=ink, leading=leading(size))

    def wrapped(
        self,
        text: str,
        *,
        x: float,
        y: float,
        room: float,
        size: float = 9,
        font: str = REGULAR,
        ink: Colour = INK,
        leading: float | None = None,
    ) -> float:
        """Text over as many lines as it needs within room; returns the baseline of the line after it."""
        step = leading or size * 1.35 / MM
        for line in wrap(text, room=room, size=size, font=font):
            self.text(line, x=x, y=y, size=size, font=font, ink=ink)
            y += step
        return y

    def rule(self, *, y: float, x: float = LEFT, to: float = RIGHT, ink: Colour = LINE) -> None:
        """A line across; there is one weight only."""
        self._canvas.setStrokeColorRGB(*ink)
        self._canvas.setLineWidth(0.5)
        self._canvas.line(x * MM, (PAGE_HEIGHT - y) * MM, to * MM, (PAGE_HEIGHT - y) * MM)

    def watermark(self, word: str) -> None:
        """One word across the lower half of the page, under everything that is drawn after it."""
        canvas = self._canvas
        canvas.saveState()
        canvas.translate(PAGE_WIDTH / 2 * MM, 100 * MM)
        canvas.rotate(32)
        left, top = -width(word, size=110, font=SEMIBOLD) / 2, PAGE_HEIGHT + 13
        self.text(word, x=left, y=top, size=110, font=SEMIBOLD, ink=WATERMARK)
        canvas.restoreState()
        self._ink = None

    def turn(self) -> None:
        """Go to the next page."""
        self._canvas.showPage()
        self._ink = None


def leading(size: float) -> float:
    """From baseline to baseline, in millimetres, for type of this size in points."""
    return size * 1.35 / MM


def width(text: str, *, size: float, font: str = REGULAR) -> float:
    """How wide the text is, in millimetres."""
    return typeface.width(typeface.printable(text), size=size, font=font) / MM


@lru_cache(maxsize=1024)
def wrap(text: str, *, room: float, size: float, font: str = REGULAR) -> tuple[str, ...]:
    """Cut at plain spaces into lines no wider than room; a word that is too long is cut anywhere. Never no line."""
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width(longer, size=size, font=font) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _cut(word, room=room, size=size, font=font)
        lines += full
    return (*lines, line)


def _cut(word: str, *, room: float, size: float, font: str) -> list[str]:
    """A word as pieces no wider than room."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and width(pieces[-1] + letter, size=size, font=font) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces
