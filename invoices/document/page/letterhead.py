"""What the operator puts on its paper: a logo, a colour, a slogan. Any of them may be missing."""

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from invoices.document.content import Content
from invoices.document.page.tagging import TaggedPen, said
from selfbilling import typeface
from selfbilling.errors import Refused
from selfbilling.pen import INK, MM, PAGE_HEIGHT, SOFT, Colour
from selfbilling.typeface import SEMIBOLD

LOGO_ROOM = (60.0, 15.0)  # millimetres
_MOST_DOTS = (round(LOGO_ROOM[0] * 300 / 25.4), round(LOGO_ROOM[1] * 300 / 25.4))  # as fine as an office printer shows
_NAME = "Logo"
CONTRAST = 4.5  # WCAG 2.2, 1.4.3: of type on white; a bad photocopy needs as much


class BadLogo(Refused):
    """That file cannot be drawn on an invoice."""

    def __init__(self) -> None:
        super().__init__("The logo cannot be read as a PNG or JPEG picture: give another file.")


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture as an object of a PDF, and its size on paper in millimetres."""

    picture: bytes
    width: float
    height: float


@lru_cache(maxsize=8)
def logo(file: bytes) -> Logo:
    """A PNG or JPEG file, on white and in RGB: PDF/A wants no transparency without a colour space to blend in.

    Raises BadLogo.
    """
    try:
        with Image.open(BytesIO(file), formats=("PNG", "JPEG")) as picture:
            photograph = picture.format == "JPEG"
            picture.draft("RGB", _MOST_DOTS)  # a photograph is decoded no larger than it needs
            flat = on_white(picture)
    except (OSError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise BadLogo from error
    scale = min(LOGO_ROOM[0] / flat.width, LOGO_ROOM[1] / flat.height)
    width, height = flat.width * scale, flat.height * scale
    flat.thumbnail(_MOST_DOTS)
    return Logo(_as_photograph(flat) if photograph else _as_drawing(flat), width, height)


def on_white(picture: Image.Image) -> Image.Image:
    """The picture as it is meant to be seen (a phone says how it was held), in RGB, white where one sees through it."""
    seen = ImageOps.exif_transpose(picture).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")


def _as_photograph(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "JPEG", quality=90)
    return _object(picture, file.getvalue(), filter_name="DCTDecode")


def _as_drawing(picture: Image.Image) -> bytes:
    return _object(picture, zlib.compress(picture.tobytes(), 9), filter_name="FlateDecode")


def _object(picture: Image.Image, stream: bytes, *, filter_name: str) -> bytes:
    entries = (
        f"<</Type/XObject/Subtype/Image/Width {picture.width}/Height {picture.height}/ColorSpace/DeviceRGB/BitsPerComponent 8"
        f"/Filter/{filter_name}/Length {len(stream)}>>\nstream\n"
    )
    return entries.encode() + stream + b"\nendstream\n"


def colour(content: Content) -> Colour:
    """The colour of titles and rules: the letterhead's, or ink where it has none that reads well on white."""
    given = content.letterhead.colour.strip()
    if not re.fullmatch("#[0-9a-fA-F]{6}", given) or contrast_on_white(given) < CONTRAST:
        return INK
    red, green, blue = _parts(given)
    return round(red, 3), round(green, 3), round(blue, 3)


def contrast_on_white(hexadecimal: str) -> float:
    """The contrast ratio of a colour like "#0b5d4b" with white, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(hexadecimal)]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def _parts(hexadecimal: str) -> list[float]:
    """Red, green and blue of "#0b5d4b", 0 to 1."""
    return [value / 255 for value in bytes.fromhex(hexadecimal[1:])]


def draw_letterhead(pen: TaggedPen, content: Content, *, x: float, y: float, room: float) -> None:
    """Logo, name, slogan, how to reach support, from y down; above the envelope's window it is at most 33 mm high."""
    head = content.letterhead
    if head.logo:
        y += _draw_logo(pen, logo(head.logo), name=content.buyer.official_name, x=x, y=y) + 1
    with pen.element("P"):
        y = pen.fitted(content.buyer.trade_name or content.buyer.name, x=x, y=y + 4, room=room, size=11, font=SEMIBOLD, smallest=0.7)
        for text in (head.slogan, content.support):
            if text:
                y = pen.fitted(text, x=x, y=y, room=room, size=8, ink=SOFT)


def _draw_logo(pen: TaggedPen, picture: Logo, *, name: str, x: float, y: float) -> float:
    """Draw it from that corner down; returns its height."""
    left, bottom = x * MM, (PAGE_HEIGHT - y - picture.height) * MM
    width, height = picture.width * MM, picture.height * MM
    box = f"/A<</O/Layout/Placement/Block/BBox[{left:.1f} {bottom:.1f} {left + width:.1f} {bottom + height:.1f}]>>"
    with pen.element("Figure", said(f"Logo de {typeface.printable(name)}") + box):
        pen.operators(f"q {width:.2f} 0 0 {height:.2f} {left:.2f} {bottom:.2f} cm /{pen.picture(_NAME, picture.picture)} Do Q")
    return picture.height
