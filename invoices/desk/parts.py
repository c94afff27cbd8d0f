"""A part of a page, which htmx asks for and puts in place of the one that is there; without JavaScript nobody asks for one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

_ASKED = "HX-Request"


def is_asked(request: HttpRequest) -> bool:
    """Whether a part is asked for, not the page."""
    return _ASKED in request.headers


def page_or_part(request: HttpRequest, *, page: str, part: str, said: dict[str, object]) -> HttpResponse:
    """The part alone where it is asked for, else the page that has it. page, part: their templates; a part knows is_alone."""
    alone = is_asked(request)
    response = render(request, part if alone else page, {**said, "is_alone": alone})
    patch_vary_headers(response, [_ASKED])
    return response


def whole_page() -> HttpResponse:
    """The answer that makes htmx load its page anew: there is something else to see than the part."""
    return HttpResponse(headers={"HX-Refresh": "true"})
