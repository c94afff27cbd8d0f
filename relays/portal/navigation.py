"""What the frame of each page offers to whom: the pages of one's own roles, and no others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from relays.models import Person, Role

Named = tuple[str, str]
"""A page: the name of its URL, and what it is called."""
_OF_ONE_RELAY = re.compile("^/relais/[^/]+/")
"""The pages of one relay lie under it as the entries' own lie under /."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry. here: the page being looked at lies under it."""

    url: str
    label: str
    here: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The entries for whoever asks, worked out only where a template shows them (a context processor)."""
    return {"navigation": SimpleLazyObject(lambda: items(request))}


def items(request: HttpRequest) -> list[Item]:
    """The entries for whoever asks, in order. One query; two for staff."""
    person = getattr(request, "user", AnonymousUser())
    if not isinstance(person, Person):
        return []
    found = [(url, label) for name, label in _pages(person) if (url := _url(name)) is not None]
    path = _OF_ONE_RELAY.sub("/", request.path)
    under = max((url for url, _label in found if path.startswith(url)), key=len, default="")
    return [Item(url=url, label=label, here=url == under and (url != "/" or path == "/")) for url, label in found]


def _pages(person: Person) -> Iterator[Named]:
    if person.is_staff:
        yield from _desk(person)
    roles = set(person.memberships.values_list("role", flat=True))
    if roles == {Role.ACCOUNTANT}:
        yield "portal:home", _("My clients")
    elif roles or not person.is_staff:
        yield "portal:home", _("Home")
        yield "portal:invoices", _("Invoices")
        yield "relay:mandate", _("Mandate")
        yield "relay:requests", _("Requests")


def _desk(person: Person) -> Iterator[Named]:
    groups = set(person.groups.values_list("name", flat=True))
    if person.is_superuser or "billing" in groups:
        yield "desk:month", _("The month")
    if person.is_superuser or "support" in groups:
        yield "desk:support", _("Support")
    if person.is_superuser or "clerks" in groups:
        yield "admin:relays_mandate_queue", _("Mandates")
        yield "admin:relays_relay_uploads", _("Files to import")
    yield "admin:index", _("Administration")


def _url(name: str) -> str | None:
    """The page's address; None where there is no such page (yet)."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
