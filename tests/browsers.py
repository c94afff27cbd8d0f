"""Fixtures: the browser of each of the cast, signed in; `shop` is the relay that owner, employee and accountant act for."""

import pytest
from django.test import Client

from relays.models import Relay
from tests import cast, world


@pytest.fixture
def shop(db: None) -> Relay:
    return world.relay()


@pytest.fixture
def owner(shop: Relay) -> Client:
    return cast.browser(cast.owner(shop))


@pytest.fixture
def employee(shop: Relay) -> Client:
    return cast.browser(cast.employee(shop))


@pytest.fixture
def accountant(shop: Relay) -> Client:
    return cast.browser(cast.accountant(shop))


@pytest.fixture
def stranger(db: None) -> Client:
    """Somebody with a login, who acts for no relay of the test."""
    return cast.browser(cast.stranger())


@pytest.fixture
def clerk(db: None) -> Client:
    return cast.browser(cast.clerk())


@pytest.fixture
def manager(db: None) -> Client:
    return cast.browser(cast.manager())


@pytest.fixture
def support(db: None) -> Client:
    return cast.browser(cast.support())


@pytest.fixture
def visitor() -> Client:
    """Nobody: not signed in."""
    return cast.browser()
