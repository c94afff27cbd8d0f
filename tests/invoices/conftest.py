"""The cast's browsers, a real one, and an issued invoice of their shop."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from invoices.models import Invoice
from relays.models import Relay
from tests import world
from tests.browsers import accountant, clerk, employee, manager, owner, stranger, support, visitor
from tests.invoices.browsing import chromium, visit

__all__ = ["accountant", "chromium", "clerk", "employee", "manager", "owner", "stranger", "support", "visit", "visitor"]


@pytest.fixture
def invoice(db: None) -> Invoice:
    """October's, of the shop: 100 parcels."""
    return world.an_invoice()


@pytest.fixture
def shop(invoice: Invoice) -> Relay:
    """The relay of that invoice."""
    return invoice.relay


@pytest.fixture
def in_english() -> Iterator[None]:
    """What deeds refuse is said in English, as on the command line."""
    with translation.override("en"):
        yield
