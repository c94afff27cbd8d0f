"""`issue` beside others: each number once, and no file comes in between."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from invoices import issuing
from invoices.models import Invoice, Run
from selfbilling import locks
from tests import world
from tests.invoices.committed import committed_database

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """October of thirty relays, committed, issued a few at a time."""
    monkeypatch.setattr(issuing, "_AT_ONCE", 4)
    with committed_database():
        world.tariff()
        for number in range(30):
            world.did(world.relay(f"R{number:04d}", shop=number % 5), 100)
        world.bill()
        world.approve()
        yield


def elsewhere(deed: Callable[[], Any]) -> Any:
    """Do it on a connection of its own, as another process would."""
    try:
        return deed()
    finally:
        connection.close()


def issue() -> int:
    return issuing.issue(world.OCTOBER, issue_date=None, progress=lambda _: None)


def test_eight_that_issue_the_same_drafts_give_each_number_once(approved: None) -> None:
    with world.on(world.BILLED_ON), ThreadPoolExecutor(8) as pool:
        issued = [each.result() for each in [pool.submit(elsewhere, issue) for _ in range(8)]]
    assert sum(issued) == 30
    assert list(Invoice.objects.order_by("number").values_list("number", flat=True)) == [
        f"R{number:04d}-2026-00001" for number in range(30)
    ]
    assert Run.objects.get().state == "issued"


def test_no_file_goes_in_between_the_look_at_what_changed_and_the_last_number(approved: None) -> None:
    """A row for a relay whose turn is still to come would be imported, since it has no invoice yet, and never billed."""

    def may() -> bool:
        with ThreadPoolExecutor(1) as other:
            return bool(other.submit(elsewhere, a_file_may_go_in).result())

    before, meanwhile = may(), set[bool]()
    with world.on(world.BILLED_ON):
        issuing.issue(world.OCTOBER, issue_date=None, progress=lambda _: meanwhile.add(may()))
    assert (before, meanwhile, may()) == (True, {False}, True)


def a_file_may_go_in() -> bool:
    """Whether this connection gets what an import takes first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [locks.INPUTS])
        return bool(cursor.fetchone()[0])
