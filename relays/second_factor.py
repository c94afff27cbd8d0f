"""Staff have a second factor (TOTP or passkey), or go no further than the page where they set one up."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

_FREE = ("/compte/", "/static/", "/langue/")


class SecondFactorMiddleware:
    """Sends staff without a second factor to set one up; a demo's printed login alone is let off."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let through, or send there."""
        user = request.user
        if user.is_authenticated and user.is_staff and not user.is_demo and not request.path.startswith(_FREE) and not is_mfa_enabled(user):
            return redirect("mfa_index")
        return self.get_response(request)
