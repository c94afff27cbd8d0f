"""Doors for people: which one a request came through, from where, in which language, and the frame around each page."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from selfbilling import journal
from selfbilling.errors import Refused, Unavailable

NAMES = {
    "account": _("their account"),
    "admin": _("administration"),
    "command line": _("command line"),
    "desk": _("the desk"),
    "portal": _("the portal"),
    "system": _("the system"),
    "worker": _("worker"),
}
"""What a person calls the doors that the journal names."""

_DOORS = {"admin": "admin", "bureau": "desk", "compte": "account"}


class DoorMiddleware:
    """Names the door and the address of each request to the journal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Open the door for as long as the request lasts."""
        first = request.path.split("/")[1]
        with journal.through(_DOORS.get(first, "portal"), address=address_of(request)):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page for what no page caught: a rule said no, or something outside did not answer; its words say what to do."""
        if isinstance(exception, Refused):
            return render(request, "409.html", {"why": str(exception)}, status=409)
        if isinstance(exception, Unavailable):
            return render(request, "503.html", {"why": str(exception)}, status=503)
        return None

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """A form sent with mistakes is answered with 422 by django-allauth's pages too, which say 200."""
        form = (response.context_data or {}).get("form")
        if request.method == "POST" and request.path.startswith("/compte/") and isinstance(form, BaseForm) and form.errors:
            response.status_code = 422
        return response


class LanguageMiddleware:
    """French, unless this browser's owner chose another language at the foot of a page.

    What the browser asks for is not looked at: a phone bought with an English menu is in a French shop all the same.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Speak that language for as long as the request lasts."""
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def in_words(through: str) -> str:
    """The door that an entry of the journal names, in words; on the command line, with the system's user."""
    name, comma, who = through.partition(", ")
    return f"{NAMES.get(name, name)}{comma}{who}"


def address_of(request: HttpRequest) -> str:
    """From where a request comes. Behind a proxy the server must set REMOTE_ADDR from it (gunicorn's forwarded-allow-ips)."""
    return str(request.META.get("REMOTE_ADDR", ""))


def frame(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame shows: the operator."""
    return {"operator": settings.OPERATOR}


def malformed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: a request that no page of ours makes. Asks nothing of session or database."""
    return HttpResponse(_bare("400.html"), status=400)


def failed(request: HttpRequest) -> HttpResponse:
    """500: our bug, or a database that is away; so the page asks nothing of either."""
    return HttpResponse(_bare("500.html"), status=500)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without the token that its page gave it, most often since the page had been open for days."""
    return render(request, "403_csrf.html", status=403)


def _bare(template: str) -> str:
    return render_to_string(template, {"operator": settings.OPERATOR, "bare": True})
