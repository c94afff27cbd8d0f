"""Who may come in at the desk: members of the group that a page is for, with their second factor (relays.second_factor)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase

from invoices.desk import parts
from relays import access
from relays.portal.asking import PersonRequest

View = Callable[..., HttpResponseBase]


def desk(*groups: str) -> Callable[[View], View]:
    """A page for members of any of these groups: others are signed in first, then answered 403. groups: clerks, billing, support."""

    def gate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(access.is_of(request.user, group) for group in groups):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        @wraps(view)
        def signed_in(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if parts.is_asked(request) and not request.user.is_authenticated:  # or the page for signing in would stand in the part
                return parts.whole_page()
            return guarded(request, *args, **kwargs)

        return signed_in

    return gate
