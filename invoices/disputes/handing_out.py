"""A file of an exchange, given back: to be saved, never shown inside a page, as what it was found to be."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from invoices.models import DisputeFile


def response(file: DisputeFile) -> HttpResponse:
    """The bytes as they came. Whoever asks was found to be allowed to."""
    headers = {
        "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(bytes(file.data), content_type=file.content_type, headers=headers)
