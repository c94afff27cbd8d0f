"""A file that somebody sent, given back as what it was found to be. Whoever asks was found to be allowed to."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def to_save(data: bytes, *, name: str, content_type: str) -> HttpResponse:
    """The bytes as they came, to be saved, never shown inside a page."""
    return _response(data, name=name, content_type=content_type, to_save=True, policy="default-src 'none'; sandbox")


def to_show(data: bytes, *, name: str, content_type: str) -> HttpResponse:
    """A PDF or a picture that was looked into, to be shown by the browser, inside a page of ours too.

    Its policy has no sandbox: in one, browsers show no PDF.
    """
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    return _response(data, name=name, content_type=content_type, to_save=False, policy=policy)


def _response(data: bytes, *, name: str, content_type: str, to_save: bool, policy: str) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(to_save, name) or ("attachment" if to_save else "inline"),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": policy,
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(data, content_type=content_type, headers=headers)
