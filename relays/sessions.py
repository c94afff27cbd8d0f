"""When each open session was last seen, to the nearest ten minutes: a page costs no writing for it."""

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

_EVERY = 600
"""Seconds."""


class SeenMiddleware:
    """Notes it for sessions that began by signing in (relays.signing_in)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Note, then go on."""
        now = int(timezone.now().timestamp())
        seen = request.session.get("seen")
        if isinstance(seen, int) and now - seen >= _EVERY and request.user.is_authenticated:
            UserSession.objects.create_from_request(request)
            request.session["seen"] = now
        return self.get_response(request)
