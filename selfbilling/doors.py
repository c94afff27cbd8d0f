"""Doors for people: which one a request came through, from where, and the frame around each page."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from selfbilling import journal

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


def address_of(request: HttpRequest) -> str:
    """From where a request comes. Behind a proxy the server must set REMOTE_ADDR from it (gunicorn's forwarded-allow-ips)."""
    return str(request.META.get("REMOTE_ADDR", ""))


def frame(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame shows: the operator."""
    return {"operator": settings.OPERATOR}
