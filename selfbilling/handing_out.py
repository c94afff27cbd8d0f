"""A file that somebody sent, given back: to be saved, never shown inside a page, as what it was found to be."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def to_save(data: bytes, *, name: str, content_type: str) -> HttpResponse:
    """The bytes as they came. Whoever asks was found to be allowed to."""
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(data, content_type=content_type, headers=headers)
