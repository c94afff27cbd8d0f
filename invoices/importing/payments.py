"""payments.csv -> what the operator paid, and when; the relay sees it, its VAT on receipts depends on it (docs/files.md)."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from invoices import paying
from invoices.models import Invoice, Payment
from invoices.period import today
from relays.importing.identifiers import relay_code
from selfbilling.tabular.cells import BadCell, day, decimal, filled_text, remembered
from selfbilling.tabular.importing import BadRow, Change, Counts
from selfbilling.tabular.reading import Column, Problem, Record, Table, Watch, shown, unwatched
from selfbilling.tabular.sheet import Sheet


class PaymentRow(NamedTuple):
    """One row of payments.csv. amount: EUR, VAT included."""

    relay_code: str
    number: str
    paid_on: dt.date
    amount: Decimal


_any_amount = decimal(places=2, below=10**10)


@remembered
def amount(cell: str) -> Decimal:
    """An amount in EUR above zero, at most two decimals. Raises BadCell."""
    value = _any_amount(cell)
    if value <= 0:
        raise BadCell("is not above zero", "give what was paid; money that came back is no payment")
    return value


TABLE = Table(
    "payments",
    Column("relay_code", relay_code),
    Column("number", filled_text(longest=35)),
    Column("paid_on", day),
    Column("amount", amount),
    make=PaymentRow,
)
_Good = tuple[Record[PaymentRow], PaymentRow, Invoice]
"""A row, what it says, and its invoice."""


class JudgedPayments:
    """A file of payments, compared with the invoices and with what was imported before."""

    def __init__(self, path: Path, *, watch: Watch) -> None:
        self.file = TABLE.file(path, watch=watch)
        self._sheet = Sheet(TABLE, self.file)
        self._sheet.refuse_twice("relay_code", "number", "paid_on")
        rows = list(self._with_invoice())
        known = _known({invoice.pk for _, _, invoice in rows})
        new = [good for good in rows if not _is_known(good, known)]
        for good in new:
            _judge_day(good)
        _judge_sums(new, known)
        self._new = [good for good in new if not good[0].problems]
        good_rows, bad_rows = len(self._sheet.good()), sum(1 for _ in self.bad_rows())
        self.counts = Counts(new=len(self._new), same=good_rows - len(self._new), bad=bad_rows)

    def bad_rows(self) -> Iterator[BadRow]:
        """The bad rows, in the file's order."""
        return self._sheet.bad_rows()

    def changes(self) -> Iterator[Change]:
        """Nothing: what is imported stays."""
        return iter(())

    def write(self) -> None:
        """Record the payments that are new."""
        paying.record(
            [Payment(invoice=invoice, paid_on=row.paid_on, amount=row.amount) for _, row, invoice in self._new],
        )

    def _with_invoice(self) -> Iterator[_Good]:
        """The good rows with their invoice; one without is bad."""
        numbers = {row.number for _, row in self._sheet.good()}
        found: dict[str, dict[str, Invoice]] = {}
        for invoice in Invoice.objects.filter(number__in=numbers).select_related("relay"):
            found.setdefault(invoice.number, {})[invoice.relay.code] = invoice
        for record in self._sheet.records:
            row = record.row
            if row is None or record.problems:
                continue
            of_relay = found.get(row.number, {})
            if row.relay_code in of_relay:
                yield record, row, of_relay[row.relay_code]
            else:
                record.problems.append(_no_invoice(row, elsewhere=bool(of_relay)))


def judge(path: Path, *, watch: Watch = unwatched) -> JudgedPayments:
    """Read payments.csv and compare it with the database, inside the caller's transaction. Raises BadFile."""
    return JudgedPayments(path, watch=watch)


def _no_invoice(row: PaymentRow, *, elsewhere: bool) -> Problem:
    if elsewhere:
        return Problem(
            "number", shown(row.number), f"is not an invoice of relay {shown(row.relay_code)}", "mend the relay_code or the number"
        )
    return Problem("number", shown(row.number), "is no issued invoice", "mend the number, or issue that invoice first")


def _known(invoice_ids: set[int]) -> dict[int, dict[dt.date, Decimal]]:
    """What was imported before: amount by day, by invoice."""
    known: dict[int, dict[dt.date, Decimal]] = {}
    for payment in Payment.objects.filter(invoice_id__in=invoice_ids):
        known.setdefault(payment.invoice_id, {})[payment.paid_on] = payment.amount
    return known


def _is_known(good: _Good, known: dict[int, dict[dt.date, Decimal]]) -> bool:
    """Whether a payment of that invoice and day is there already; with another amount the row is bad."""
    record, row, invoice = good
    before = known.get(invoice.pk, {}).get(row.paid_on)
    if before is not None and before != row.amount:
        reason = f"is {before} in what was imported before"
        remedy = "what is imported stays; give another payment its own day"
        record.problems.append(Problem("amount", shown(row.amount), reason, remedy))
    return before is not None


def _judge_day(good: _Good) -> None:
    """Money is not paid in the future, nor before the month that is billed began (an advance within it is possible)."""
    record, row, invoice = good
    if row.paid_on > today():
        record.problems.append(Problem("paid_on", shown(row.paid_on), "is in the future", "import a payment once it is made"))
    elif row.paid_on < invoice.period:
        reason = f"is before the month of that invoice, {invoice.period:%Y-%m}"
        record.problems.append(Problem("paid_on", shown(row.paid_on), reason, "check the day and the number"))


def _judge_sums(new: list[_Good], known: dict[int, dict[dt.date, Decimal]]) -> None:
    """All new rows of an invoice are bad where, with what was paid before, they exceed its gross."""
    by_invoice: dict[int, list[_Good]] = {}
    for good in new:
        if not good[0].problems:
            by_invoice.setdefault(good[2].pk, []).append(good)
    for pk, rows in by_invoice.items():
        invoice = rows[0][2]
        paid = sum(known.get(pk, {}).values(), paying.NOTHING)
        added = sum((row.amount for _, row, _ in rows), paying.NOTHING)
        if paid + added > invoice.gross:
            reason = f"is too much: {paid} paid before and {added} in this file exceed the invoice's {invoice.gross}"
            for record, row, _ in rows:
                record.problems.append(Problem("amount", shown(row.amount), reason, "give what was paid for this invoice alone"))
