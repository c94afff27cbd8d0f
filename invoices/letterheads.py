"""Choosing the operator's letterhead: looked into, tried on a specimen, kept."""

import io
import re

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from PIL import Image

from invoices import period
from invoices.document import content
from invoices.document.facturx import cii
from invoices.document.page.letterhead import CONTRAST, contrast_on_white, on_white
from invoices.document.pdfa import unsealed
from invoices.making_out import filled, mentions_in_force, operator
from invoices.models import Letterhead
from invoices.specimen import SELLER, specimen
from relays.models import Person
from selfbilling import journal
from selfbilling.errors import Refused
from selfbilling.files import Checked

LARGEST_LOGO = 500 * 1024
"""Bytes, as it is sent."""
_PIXELS = (1440, 360)  # of 60 × 15 mm at 600 dots an inch


class PaleColour(Refused):
    """The colour would not be read on white paper."""


class UnfitLogo(Refused):
    """The file is no picture for a letterhead."""


def in_use() -> Letterhead | None:
    """The newest letterhead; None: none was chosen."""
    return Letterhead.objects.order_by("-pk").first()


def drawn(letterhead: Letterhead | None) -> content.Letterhead:
    """What the page draws of it."""
    if letterhead is None:
        return content.Letterhead()
    logo = bytes(letterhead.logo)
    return content.Letterhead(logo=logo, colour=letterhead.colour, slogan=letterhead.slogan, footer=letterhead.footer)


def colour(text: str) -> str:
    """A colour as six hexadecimal digits, lower-case: "#0b5d4b"; "" stays "" (black). Raises PaleColour."""
    text = text.strip().lower()
    if not text:
        return ""
    if not re.fullmatch("#[0-9a-f]{6}", text):
        raise PaleColour(_("Write the colour as # and six hexadecimal digits, for example #0b5d4b."))
    found = contrast_on_white(text)
    if found < CONTRAST:
        said = _("On white paper %(colour)s has a contrast of %(found)s to 1, and text needs %(least)s to 1: choose a darker colour.")
        raise PaleColour(said % {"colour": text, "found": number_format(found, 1), "least": number_format(CONTRAST, 1)})
    return text


def logo(file: Checked) -> bytes:
    """The picture as it is kept: a PNG without transparency, no larger than the paper needs. Raises UnfitLogo."""
    if file.content_type not in {"image/png", "image/jpeg"}:
        raise UnfitLogo(_("A logo is a picture: send a PNG or a JPEG."))
    if len(file.data) > LARGEST_LOGO:
        raise UnfitLogo(_("This logo is larger than 500 kB: it lies in every invoice. Send a smaller one."))
    with Image.open(io.BytesIO(file.data)) as sent:
        picture = on_white(sent)
    picture.thumbnail(_PIXELS)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


@transaction.atomic
def keep(letterhead: Letterhead, *, by: Person) -> None:
    """Put a new letterhead to use: every invoice that is rendered from now on has it; what is sealed stays."""
    letterhead.by = by
    letterhead.save(force_insert=True)
    journal.record(
        act="letterhead kept",
        subject=f"letterhead:{letterhead.pk}",
        by=by,
        colour=letterhead.colour,
        slogan=letterhead.slogan,
        footer=letterhead.footer,
        logo_bytes=len(letterhead.logo),
        daily_annex=letterhead.daily_annex,
    )


def preview(letterhead: Letterhead) -> bytes:
    """A specimen on that letterhead, marked PROJET: a PDF, kept nowhere."""
    day = period.today()
    shown = specimen(
        buyer=operator(),
        mentions={code: filled(text, relay=SELLER.name) for code, text in mentions_in_force(day).items()},
        issue_date=day,
        letterhead=drawn(letterhead),
        with_annex=letterhead.daily_annex,
    )
    return unsealed(shown, cii(shown))
