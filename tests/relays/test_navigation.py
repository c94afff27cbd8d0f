"""Which pages the frame offers to whom."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse

from relays.models import Person
from relays.portal.navigation import items
from tests import cast, world

pytestmark = pytest.mark.django_db


def asked(who: Person | AnonymousUser, path: str = "/") -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = who
    return request


def urls(who: Person | AnonymousUser) -> list[str]:
    return [item.url for item in items(asked(who))]


def test_nobody_is_offered_nothing() -> None:
    assert urls(AnonymousUser()) == []


def test_a_shopkeeper_is_offered_the_portal_and_not_the_desk() -> None:
    offered = urls(cast.owner(world.relay()))
    assert offered[0] == "/"
    assert not [url for url in offered if url.startswith(("/admin/", "/bureau/"))]


def test_an_accountant_is_offered_the_clients() -> None:
    assert [item.label for item in items(asked(cast.accountant(world.relay())))] == ["Mes clients"]


def test_each_of_the_desk_is_offered_their_own_pages() -> None:
    assert reverse("admin:relays_mandate_queue") in urls(cast.clerk())
    assert reverse("admin:relays_mandate_queue") not in urls(cast.support())
    assert urls(cast.manager())[-1] == "/admin/"


def test_the_deepest_page_is_the_one_that_one_is_at() -> None:
    queue = reverse("admin:relays_mandate_queue")  # below the administration's first page
    here = [item.url for item in items(asked(cast.clerk(), f"{queue}12/")) if item.here]
    assert here == [queue]


def test_the_home_page_is_not_above_everything() -> None:
    assert not [item for item in items(asked(cast.owner(world.relay()), "/compte/")) if item.here]


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/relais/R0001/mandat/", "Mandat"),
        ("/relais/R0001/demandes/coordonnees/", "Demandes"),
        ("/relais/R0001/factures/", "Factures"),
        ("/relais/R0001/", "Accueil"),
        ("/mandat/", "Mandat"),
    ],
)
def test_a_page_of_one_shop_is_under_its_entry(path: str, label: str) -> None:
    assert [item.label for item in items(asked(cast.owner(world.relay()), path)) if item.here] == [label]


def test_a_clerk_is_offered_the_files_to_import_and_sees_where_they_are() -> None:
    uploads = reverse("admin:relays_relay_uploads")
    here = [item.url for item in items(asked(cast.clerk(), f"{uploads}relais/")) if item.here]
    assert here == [uploads]
    assert uploads not in urls(cast.support())
