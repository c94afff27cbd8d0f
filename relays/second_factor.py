"""Staff have a second factor (authenticator app or passkey), or go no further than the pages where they set one up."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from relays.models import Person

_FREE = ("/compte/", "/static/", "/langue/", "/aide/")
_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
"""Recovery codes are no factor: they stand in for one."""


class SecondFactorMiddleware:
    """Sends staff without a second factor to set one up; a demo's printed login alone is let off."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let through, or send there."""
        user = request.user
        if isinstance(user, Person) and is_owed(user) and not request.path.startswith(_FREE):
            return redirect("mfa_index")
        return self.get_response(request)


def has_one(person: Person) -> bool:
    """Whether that person has a second factor."""
    return bool(is_mfa_enabled(person, _FACTORS))


def is_owed(person: Person) -> bool:
    """Whether that person must set one up before anything else."""
    return person.is_staff and not person.is_demo and not has_one(person)
