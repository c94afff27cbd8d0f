"""What the operator paid of an invoice, and what that means for the relay's VAT, which is due as it is paid (CGI art. 269)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoices.models import Invoice, Payment, VatTotal
from invoices.money import to_cent
from selfbilling import journal

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one payment holds of one VAT treatment, in EUR; rate in per cent."""

    category: str
    rate: Decimal
    base: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One payment as the relay's books need it. amount: EUR, VAT included; shares add up to it."""

    paid_on: dt.date
    amount: Decimal
    shares: tuple[Share, ...]

    @property
    def vat(self) -> Decimal:
        """The VAT in it, EUR."""
        return sum((share.vat for share in self.shares), NOTHING)


def record(payments: Sequence[Payment]) -> None:
    """Write payments, and in the journal of each invoice; inside the transaction of an import, whose own entry says who.

    Invoices are loaded. The database refuses more than an invoice's gross, and two payments of one invoice and day.
    """
    Payment.objects.bulk_create(payments, batch_size=5_000)
    paid: dict[str, dict[str, Any]] = {}
    for payment in payments:
        entry = paid.setdefault(f"invoice:{payment.invoice.number}", {"payments": []})
        entry["payments"].append({"paid_on": f"{payment.paid_on}", "amount": f"{payment.amount:.2f}"})
    journal.record_each(act="paid", details=paid)


def receipts(invoice: Invoice, *, payments: Iterable[Payment], vat_totals: Sequence[VatTotal]) -> list[Receipt]:
    """Each payment in order of its day, with its share of every VAT treatment.

    A part payment pays all treatments in proportion; what was paid so far is rounded to the cent, half away from zero, and
    the payment is the difference to what was paid before: so the shares of an invoice that is paid in full are its totals.
    """
    made: list[Receipt] = []
    before = _shares(invoice, paid=NOTHING, vat_totals=vat_totals)
    so_far = NOTHING
    for payment in sorted(payments, key=lambda one: one.paid_on):
        so_far += payment.amount
        after = _shares(invoice, paid=so_far, vat_totals=vat_totals)
        made.append(Receipt(paid_on=payment.paid_on, amount=payment.amount, shares=tuple(map(_difference, after, before))))
        before = after
    return made


def _shares(invoice: Invoice, *, paid: Decimal, vat_totals: Sequence[VatTotal]) -> list[Share]:
    """Of so much paid in all. The first treatment takes what rounding leaves, so that all add up to the amount paid."""
    ratio = paid / invoice.gross if invoice.gross else NOTHING
    shares = [
        Share(category=total.category, rate=total.rate, base=to_cent(total.base * ratio), vat=to_cent(total.vat * ratio))
        for total in sorted(vat_totals, key=lambda one: (one.category != "S", one.rate))
    ]
    if shares:
        left = paid - sum((share.base + share.vat for share in shares), NOTHING)
        first = shares[0]
        shares[0] = Share(category=first.category, rate=first.rate, base=first.base + left, vat=first.vat)
    return shares


def _difference(after: Share, before: Share) -> Share:
    return Share(category=after.category, rate=after.rate, base=after.base - before.base, vat=after.vat - before.vat)
