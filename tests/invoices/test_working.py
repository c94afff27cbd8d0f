"""Working off what is due: one that our own bug stops is put off, with its error, and stops no other."""

import logging
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from invoices import working
from invoices.models import Document, Due, Invoice
from invoices.sealing.keys import SealKeyUnavailable
from tests import world
from tests.invoices.test_production import issued, missing_key, steps
from tests.invoices.test_production import own_archive as own_archive  # noqa: PLC0414  (a fixture)

pytestmark = pytest.mark.django_db
BREAK = """
    SET CONSTRAINTS ALL IMMEDIATE;
    ALTER TABLE invoices_invoice DISABLE TRIGGER USER;
    UPDATE invoices_invoice SET seller = seller || '{"of_a_later_version": true}' WHERE id = %s;
    ALTER TABLE invoices_invoice ENABLE TRIGGER USER;
"""


def test_from_due_to_archived() -> None:
    ids = issued(3)
    working.seal_and_shelve(ids)
    assert steps() == ["deliver"] * 3
    assert Document.objects.count() == 3


def test_one_that_our_bug_stops_is_put_off_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    first, broken, third = issued(3)
    with connection.cursor() as cursor:
        cursor.execute(BREAK, [broken])
    with caplog.at_level(logging.ERROR, logger="invoices.working"):
        working.seal_and_shelve([first, broken, third])
    assert steps() == ["deliver", "seal", "deliver"]
    put_off = Due.objects.get(invoice=broken)
    assert put_off.attempts == 1
    assert put_off.last_error.startswith("TypeError: ")
    assert put_off.not_before is not None
    assert put_off.not_before > timezone.now()
    (record,) = caplog.records
    assert record.getMessage() == f"Invoice {broken} could not be dealt with (seal)"
    assert record.exc_info
    seller = Invoice.objects.get(pk=broken).seller
    assert not any(str(seller[field]) in caplog.text for field in ("name", "address_line1", "siret", "iban"))


def test_a_key_that_does_not_answer_is_no_invoices_fault(settings: Settings, tmp_path: Path) -> None:
    ids = issued(2)
    settings.SEAL_KEYS = [missing_key(tmp_path)]
    with pytest.raises(SealKeyUnavailable):
        working.seal_and_shelve(ids)
    assert set(Due.objects.values_list("step", "attempts", "last_error", "not_before")) == {("seal", 0, "", None)}


def test_an_error_without_end_is_cut() -> None:
    (pk,) = issued(1)
    working.put_off([pk], step=Due.Step.SEAL, why="x" * 2000)
    assert len(Due.objects.get().last_error) == 500


def test_what_of_a_month_waits_for_the_archive() -> None:
    first, second, third = issued(3)
    working.seal_and_shelve([second])
    working.put_off([third], step=Due.Step.SEAL, why="a bug")
    assert [row.invoice_id for row in working.to_archive(world.OCTOBER)] == [first, third]
    assert not working.to_archive(world.OCTOBER.previous)


@pytest.mark.parametrize("count", [0, 1, working.AT_ONCE, working.AT_ONCE + 1, 5 * working.AT_ONCE])
def test_parts_are_all_and_each_once(count: int) -> None:
    parts = working.chunks(range(count))
    assert [pk for part in parts for pk in part] == list(range(count))
    assert all(0 < len(part) <= working.AT_ONCE for part in parts)
