"""payments.csv: what was paid, of which invoice; the relay's VAT on receipts depends on it."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, transaction

from invoices import paying
from invoices.importing import payments
from invoices.models import Invoice, Payment
from relays.models import VatRegime
from selfbilling.models import JournalEntry
from tests import world
from tests.operators_files import Inbox

pytestmark = pytest.mark.django_db

PAYMENT = {"relay_code": "R0001", "number": "R0001-2026-00001", "paid_on": "2026-12-02", "amount": "46.20"}


@pytest.fixture
def invoice() -> Invoice:
    """100 parcels: 38.50 and 7.70 of VAT."""
    return world.an_invoice()


@pytest.fixture
def inbox(tmp_path: Path, invoice: Invoice) -> Iterator[Inbox]:
    """On 5 December 2026."""
    with world.on(dt.date(2026, 12, 5)):
        yield Inbox(tmp_path, payments.judge, PAYMENT)


def test_a_payment_goes_in_once_with_its_entries_in_the_journal(inbox: Inbox, invoice: Invoice) -> None:
    some = ({"amount": "40,00"}, {"paid_on": "03/12/2026", "amount": "6.2"})
    assert inbox.take(*some) == "2 new, 0 changed, 0 there already, 0 bad"
    assert inbox.take(*some) == "0 new, 0 changed, 2 there already, 0 bad"
    assert [(p.invoice, f"{p.paid_on}", str(p.amount)) for p in Payment.objects.all()] == [
        (invoice, "2026-12-02", "40.00"),
        (invoice, "2026-12-03", "6.20"),
    ]
    (entry,) = JournalEntry.objects.filter(act="paid")
    assert entry.subject == "invoice:R0001-2026-00001"
    assert entry.detail == {"payments": [{"paid_on": "2026-12-02", "amount": "40.00"}, {"paid_on": "2026-12-03", "amount": "6.20"}]}
    assert JournalEntry.objects.filter(act="imported", detail__kind="payments").count() == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("relay_code", ""),
        ("number", " "),
        ("number", "R0001-2026-00002"),
        ("paid_on", "2/12/2026"),
        ("paid_on", "2026-12-06"),
        ("paid_on", "2026-09-30"),
        ("amount", "0"),
        ("amount", "-46.20"),
        ("amount", "46.205"),
        ("amount", "46.21"),
    ],
)
def test_a_bad_value_is_named(inbox: Inbox, column: str, value: str) -> None:
    (said,) = inbox.refused({column: value})
    assert said.startswith(f"line 2: {column} “")
    assert not Payment.objects.exists()


def test_an_invoice_of_another_relay_is_not_paid(inbox: Inbox) -> None:
    world.relay("R0002", shop=1)
    assert inbox.refused({"relay_code": "R0002"}) == [
        "line 2: number “R0001-2026-00001” is not an invoice of relay R0002; mend the relay_code or the number"
    ]


def test_another_amount_for_what_was_paid_is_bad(inbox: Inbox) -> None:
    inbox.take({"amount": "20"})
    assert inbox.refused({"amount": "21"}) == [
        "line 2: amount “21” is 20.00 in what was imported before; what is imported stays; give another payment its own day"
    ]


def test_a_key_twice_is_bad_whatever_the_amounts(inbox: Inbox) -> None:
    said = inbox.refused({"amount": "5"}, {"amount": "6"}, {"paid_on": "2026-12-03", "amount": "7"})
    assert [line.partition(":")[0] for line in said] == ["line 2", "line 3"]


def test_no_more_goes_in_than_is_due_with_what_was_paid_before(inbox: Inbox) -> None:
    inbox.take({"amount": "40"})
    too_much = ({"amount": "40"}, {"paid_on": "2026-12-03", "amount": "6.20"}, {"paid_on": "2026-12-04", "amount": "0.01"})
    said = inbox.refused(*too_much)
    assert [line.partition(":")[0] for line in said] == ["line 3", "line 4"]
    assert "40.00 paid before and 6.21 in this file exceed the invoice's 46.20" in said[0]
    report = inbox.take_good_rows(*too_much)
    assert str(report.counts) == "0 new, 0 changed, 1 there already, 2 bad"
    assert [row["line"] for row in inbox.rejected()] == ["3", "4"]


def test_the_good_rows_alone_may_go_in(inbox: Inbox) -> None:
    report = inbox.take_good_rows({"amount": "40"}, {"number": "X-1"})
    assert str(report.counts) == "1 new, 0 changed, 0 there already, 1 bad"
    assert Payment.objects.count() == 1


def test_an_advance_within_the_month_is_a_payment(inbox: Inbox) -> None:
    assert inbox.take({"paid_on": "2026-10-15"}) == "1 new, 0 changed, 0 there already, 0 bad"


def test_the_command_says_what_it_did(inbox: Inbox, capsys: pytest.CaptureFixture[str]) -> None:
    file = inbox.write({})
    call_command("import_payments", str(file))
    assert capsys.readouterr().out == f"{file}: 1 new, 0 changed, 0 there already, 0 bad.\n"


def test_the_database_itself_refuses_more_than_the_gross(invoice: Invoice) -> None:
    with pytest.raises(ProgrammingError, match="no more is paid"), transaction.atomic():
        Payment.objects.create(invoice=invoice, paid_on=dt.date(2026, 12, 2), amount=Decimal("46.21"))
    with pytest.raises(IntegrityError, match="a_payment_is_positive"), transaction.atomic():
        Payment.objects.create(invoice=invoice, paid_on=dt.date(2026, 12, 2), amount=Decimal(0))


def test_each_payment_holds_its_share_of_every_vat_treatment_and_all_add_up() -> None:
    relay = world.relay()
    VatRegime.objects.create(relay=relay, valid_from=dt.date(2026, 10, 11), regime="franchise", vat_number="FR11287244677")
    world.tariff()
    world.did(relay, 101, day=10)
    world.did(relay, 77, day=11)
    world.billed_approved_and_issued()
    invoice = Invoice.objects.get()
    totals = list(invoice.vat_totals.all())
    assert {total.category for total in totals} == {"S", "E"}
    parts = [Decimal("0.01"), Decimal("33.33"), Decimal("0.02")]
    paid = [*parts, invoice.gross - sum(parts)]
    rows = [Payment(invoice=invoice, paid_on=dt.date(2026, 12, day), amount=one) for day, one in enumerate(paid, start=1)]
    made = paying.receipts(invoice, payments=reversed(rows), vat_totals=totals)
    assert [one.amount for one in made] == paid
    assert [sum((s.base + s.vat for s in one.shares), Decimal(0)) for one in made] == paid
    for at, category in enumerate("SE"):
        (total,) = (one for one in totals if one.category == category)
        assert sum(one.shares[at].base for one in made) == total.base
        assert sum(one.shares[at].vat for one in made) == total.vat
    assert [str(one.vat) for one in made][:2] == ["0.00", "3.40"]
