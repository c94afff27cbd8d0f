"""What the database itself makes impossible, tried in raw SQL, as somebody with a database console would."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from invoices.models import Draft, DraftLine, Invoice, InvoiceLine, Series
from relays.models import Mandate
from tests import world

pytestmark = pytest.mark.django_db


def run(sql: str, parameters: Sequence[Any] = ()) -> None:
    """Run it as a transaction of its own would: deferred constraints are checked at the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(sql: str, parameters: Sequence[Any] = (), *, because: str) -> None:
    with pytest.raises(DatabaseError, match=because):
        run(sql, parameters)


COLUMNS = [str(f.column) for f in Invoice._meta.concrete_fields if f.column not in {"id", "issued_at", "token"}]


def copy_of(invoice: Invoice, **changes: str) -> str:
    """SQL that inserts a copy of an invoice, some columns changed to other SQL."""
    values = ", ".join(changes.get(column, column) for column in COLUMNS)
    return f"INSERT INTO invoices_invoice ({', '.join(COLUMNS)}) SELECT {values} FROM invoices_invoice WHERE id = {invoice.pk}"


NEXT = {"rank": "rank + 1", "number": "replace(number, '00001', '00002')", "period": "'2026-09-01'"}


@pytest.fixture
def invoice() -> Invoice:
    issued = world.an_invoice()
    settle()
    return issued


def settle() -> None:
    """Check what is deferred now, as the commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def test_two_invoices_with_one_number_in_a_series(invoice: Invoice) -> None:
    refused(copy_of(invoice, period="'2026-09-01'"), because="last plus one")


def test_two_invoices_with_one_number_for_one_seller(invoice: Invoice) -> None:
    """Another relay of the same SIREN, under a root that happens to give the same number."""
    other = world.relay("R0002", shop=0)
    series = Series.objects.create(relay=other, root="R0001")
    refused(
        copy_of(invoice, series_id=str(series.pk), relay_id=str(other.pk)),
        because="no_number_twice_for_one_seller",
    )


def test_a_gap_in_a_series(invoice: Invoice) -> None:
    refused(copy_of(invoice, rank="3", number="replace(number, '00001', '00003')", period="'2026-09-01'"), because="last plus one")


def test_a_number_that_is_not_its_rank_s(invoice: Invoice) -> None:
    refused(copy_of(invoice, **{**NEXT, "number": "number || 'X'"}), because="root, year and rank")


def test_a_date_that_runs_backwards(invoice: Invoice) -> None:
    refused(copy_of(invoice, **NEXT, issue_date="issue_date - 1"), because="never run backwards")


def test_a_new_year_that_does_not_start_at_one(invoice: Invoice) -> None:
    year = {"year": "2027", "issue_date": "'2027-01-05'", "period": "'2026-12-01'"}
    refused(copy_of(invoice, **year, rank="2", number="replace(number, '2026-00001', '2027-00002')"), because="last plus one")


def test_a_series_counter_moved_by_hand(invoice: Invoice) -> None:
    refused("UPDATE invoices_series SET last_rank = last_rank + 1", because="nothing else")
    refused("UPDATE invoices_series SET last_issue_date = NULL", because="nothing else")
    refused("DELETE FROM invoices_series", because="nothing else|foreign key")
    refused(
        "INSERT INTO invoices_series (relay_id, root, year, last_rank) SELECT relay_id, 'X', 2026, 7 FROM invoices_series",
        because="nothing",
    )


@pytest.mark.parametrize(
    "table", ["invoices_invoice", "invoices_invoiceline", "invoices_vattotal", "relays_billeddays", "selfbilling_journalentry"]
)
def test_an_issued_row_is_neither_changed_nor_deleted_nor_truncated(invoice: Invoice, table: str) -> None:
    refused(f"UPDATE {table} SET id = id", because="final")
    refused(f"DELETE FROM {table}", because="final")
    refused(f"TRUNCATE {table} CASCADE", because="never truncated")


def test_a_document_is_neither_changed_nor_deleted_nor_truncated(invoice: Invoice) -> None:
    run(
        "INSERT INTO invoices_document (invoice_id, sha256, size, level, key_home, certificate_sha256, sealed_at, retained_until)"
        " VALUES (%s, 'ab', 1, 'test', 'software', 'cd', now(), '2036-12-31')",
        [invoice.pk],
    )
    refused("UPDATE invoices_document SET sha256 = 'other'", because="final")
    refused("DELETE FROM invoices_document", because="final")
    refused("TRUNCATE invoices_document CASCADE", because="never truncated")


def test_an_invoice_sealed_twice(invoice: Invoice) -> None:
    row = "(%s, '{}', 1, 'test', 'software', 'cd', now(), '2036-12-31')"
    refused(
        "INSERT INTO invoices_document (invoice_id, sha256, size, level, key_home, certificate_sha256, sealed_at, retained_until)"
        f" VALUES {row.format('ab')}, {row.format('ac')}",
        [invoice.pk, invoice.pk],
        because="an_invoice_is_sealed_once",
    )


def test_two_approved_mandates_of_a_relay_on_one_day() -> None:
    relay = world.relay()  # approved from 2025-12-01, open-ended
    mandate = Mandate.objects.get(relay=relay)
    columns = "relay_id, text_id, signed_on, channel, state, entered_at, reason"
    again = f"INSERT INTO relays_mandate ({columns}, valid_from, valid_to) SELECT {columns}, '{{}}', {{}} FROM relays_mandate"
    refused(again.format("2026-10-15", "NULL"), because="one_approved_mandate_of_a_relay_a_day")
    Mandate.objects.filter(pk=mandate.pk).update(valid_to="2026-10-15")
    refused(again.format("2026-10-15", "NULL"), because="one_approved_mandate_of_a_relay_a_day")  # its last day counts
    run(again.format("2026-10-16", "NULL"))


def test_a_mandate_valid_before_it_was_signed() -> None:
    world.relay()
    refused("UPDATE relays_mandate SET signed_on = valid_from + 1", because="mandate_is_written_before_it_is_valid")


def test_an_invoice_without_lines(invoice: Invoice) -> None:
    refused(copy_of(invoice, **NEXT), because="totals do not add up")


def test_gross_that_is_not_net_plus_vat(invoice: Invoice) -> None:
    refused(copy_of(invoice, **NEXT, gross="gross + 0.01"), because="gross_is_net_plus_vat")


def with_lines(invoice: Invoice, *, line: str = "net", base: str = "base", vat: str = "vat") -> str:
    """A copy of an invoice as the next one, with its lines and VAT totals, one amount of which is other SQL."""
    lines = [str(f.column) for f in InvoiceLine._meta.concrete_fields if f.column not in {"id", "invoice_id", "net"}]
    return f"""
        WITH other AS ({copy_of(invoice, **NEXT)} RETURNING id),
        l AS (INSERT INTO invoices_invoiceline (invoice_id, net, {", ".join(lines)})
            SELECT other.id, {line}, {", ".join(lines)} FROM invoices_invoiceline, other WHERE invoice_id = {invoice.pk})
        INSERT INTO invoices_vattotal (invoice_id, category, rate, base, vat)
            SELECT other.id, category, rate, {base}, {vat} FROM invoices_vattotal, other WHERE invoice_id = {invoice.pk}
    """


def test_the_same_copy_with_right_totals_is_accepted(invoice: Invoice) -> None:
    """So that the refusals below are for their own reason."""
    run(with_lines(invoice))
    assert Invoice.objects.count() == 2


def test_lines_that_are_not_quantity_times_price(invoice: Invoice) -> None:
    refused(with_lines(invoice, line="net + 0.01"), because="a_line_is_quantity_times_price")


def test_a_base_that_is_not_the_sum_of_its_lines(invoice: Invoice) -> None:
    refused(with_lines(invoice, base="base + 1", vat="round((base + 1) * rate / 100, 2)"), because="add up")


def test_vat_that_is_not_base_times_rate(invoice: Invoice) -> None:
    refused(with_lines(invoice, vat="vat + 0.01"), because="vat_is_base_times_rate")


def test_a_line_added_to_an_issued_invoice(invoice: Invoice) -> None:
    """Even one of 0.00, which would not change the totals: an issued invoice says what it said."""
    lines = [str(f.column) for f in InvoiceLine._meta.concrete_fields if f.column not in {"id", "position", "unit_price", "net"}]
    same = ", ".join(lines)
    sql = f"INSERT INTO invoices_invoiceline (position, unit_price, net, {same}) SELECT 9, 0, 0, {same} FROM invoices_invoiceline"
    with connection.cursor() as cursor:  # the invoice of an earlier transaction
        cursor.execute("ALTER TABLE invoices_invoice DISABLE TRIGGER USER")
        cursor.execute("UPDATE invoices_invoice SET issued_at = issued_at - interval '1 second'")
        settle()
        cursor.execute("ALTER TABLE invoices_invoice ENABLE TRIGGER USER")
    refused(sql, because="born with their invoice")


def test_a_draft_of_an_approved_run_changed() -> None:
    relay = world.relay()
    world.tariff()
    world.did(relay, 100)
    world.bill()
    Draft.objects.update(net=38, gross=38 + 7.70)  # a draft may change until then
    DraftLine.objects.update(label="Autre")
    world.bill()
    world.approve()
    settle()
    for table in ("invoices_draft", "invoices_draftline", "invoices_draftvat"):
        refused(f"UPDATE {table} SET id = id", because="does not change")
        refused(f"DELETE FROM {table}", because="does not change")
        refused(f"TRUNCATE {table} CASCADE", because="never truncated")
    refused(
        "INSERT INTO invoices_draftvat (draft_id, category, rate, base, vat) SELECT draft_id, 'E', 0, 0, 0 FROM invoices_draftvat",
        because="does not change",
    )


def test_a_run_approved_by_its_drafter() -> None:
    relay = world.relay()
    world.tariff()
    world.did(relay, 100)
    world.bill()
    refused(
        "UPDATE invoices_run SET state = 'approved', digest = 'x', approved_by_id = drafted_by_id",
        because="a_run_is_approved_by_another_person",
    )


def test_two_open_runs_of_a_month() -> None:
    relay = world.relay()
    world.tariff()
    world.did(relay, 100)
    world.bill()
    columns = "period, inputs_digest, drafted_by_id, drafted_at, digest"
    refused(f"INSERT INTO invoices_run (state, {columns}) SELECT 'drafted', {columns} FROM invoices_run", because="one_open_run_of_a_month")
