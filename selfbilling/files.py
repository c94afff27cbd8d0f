"""A file that somebody sends: what it truly is, told by its content; never by its name or by what a browser says."""

import hashlib
import io
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image

from selfbilling.errors import Refused

AT_MOST = 10 * 1024 * 1024
"""Bytes."""
_PIXELS = 50_000_000
"""What phones take at most; it unpacks to some 200 MB of memory, and what unpacks to more is meant to do harm."""
_BEGINNINGS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
"""Of a file's name, by its type."""
_LONGEST_NAME = 120


class TooBig(Refused):
    """More than 10 MB."""

    def __init__(self) -> None:
        super().__init__(_("This file is larger than 10 MB. A photo sent in a smaller size will do."))


class NotReadable(Refused):
    """Neither a PDF nor a JPEG nor a PNG, or one that no program opens."""

    def __init__(self) -> None:
        super().__init__(_("We cannot open this file. Send a PDF, or a photo as JPEG or PNG."))


class Locked(Refused):
    """A PDF with a password."""

    def __init__(self) -> None:
        super().__init__(_("This PDF is protected by a password. Send it without."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A file that was looked into. name: harmless, with the ending of what it is."""

    name: str
    content_type: str
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


class CheckedFile(forms.FileField):
    """A PDF, a JPEG or a PNG, told by its content; what it gives is a Checked, or None."""

    widget = forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"})

    def clean(self, data: Any, initial: Any = None) -> Checked | None:
        """Look into it."""
        upload: Any = super().clean(data, initial)
        if not upload:
            return None
        try:
            if (upload.size or 0) > AT_MOST:
                raise TooBig
            return checked(name=upload.name or "", data=upload.read())
        except Refused as refused:
            raise ValidationError(str(refused)) from refused


def checked(*, name: str, data: bytes) -> Checked:
    """Look into a file. name: as its sender calls it. Raises TooBig, NotReadable, Locked."""
    if len(data) > AT_MOST:
        raise TooBig
    content_type = next((kind for beginning, kind in _BEGINNINGS.items() if data.startswith(beginning)), None)
    if content_type is None:
        raise NotReadable
    if content_type == "application/pdf":
        _open_pdf(data)
    else:
        _open_image(data, kind="JPEG" if content_type == "image/jpeg" else "PNG")
    return Checked(name=harmless(name, ending=ENDINGS[content_type]), content_type=content_type, data=data)


def harmless(name: str, *, ending: str) -> str:
    """The name without path, invisible signs or anything that a shell or a browser reads as more than a name."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem = base.rpartition(".")[0] or base
    kept = "".join(sign if unicodedata.category(sign)[0] in "LNM" or sign in " -–—_.’'()" else "_" for sign in stem)
    stem = " ".join(kept.split()).strip(". _-–—")[: _LONGEST_NAME - len(ending) - 1].rstrip()
    return f"{stem or 'fichier'}.{ending}"


def _open_pdf(data: bytes) -> None:
    try:
        with pikepdf.open(io.BytesIO(data)) as opened:
            pages = len(opened.pages)
    except pikepdf.PasswordError:
        raise Locked from None
    except pikepdf.PdfError:
        raise NotReadable from None
    if not pages:
        raise NotReadable


def _open_image(data: bytes, *, kind: str) -> None:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            width, height = image.size
            if width * height > _PIXELS:
                raise NotReadable
            image.draft("L", (64, 64))  # a JPEG is read whole at an eighth of its size
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise NotReadable from None
