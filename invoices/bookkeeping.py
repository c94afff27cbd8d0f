"""Invoices as a table for the books: net, VAT by rate, what was paid and the VAT in it. In French, for Excel."""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from invoices.models import Invoice
from invoices.paying import NOTHING, Receipt, receipts

_BOM = "\ufeff"  # so that Excel reads UTF-8
_HEAD = ("Facture", "Point relais", "Raison sociale", "SIRET", "Mois", "Date d’émission", "Échéance", "Total HT")
_TAIL = ("Total TVA", "Total TTC", "Payé le", "Montant payé", "TVA encaissée", "Détail des paiements")


class _Treatment(NamedTuple):
    """A VAT treatment that some invoice of the table has. rate: per cent."""

    category: str
    rate: Decimal

    def headings(self) -> list[str]:
        """Base and VAT; what is exempt has a base alone."""
        rate = f"{self.rate:.2f}".rstrip("0").rstrip(".").replace(".", ",")
        return [f"Base HT {rate} %", f"TVA {rate} %"] if self.rate else ["Base sans TVA"]

    def cells(self, invoice: Invoice) -> list[str]:
        """The same of one invoice."""
        total = next((one for one in invoice.vat_totals.all() if (one.category, one.rate) == self), None)
        base, vat = (total.base, total.vat) if total else (NOTHING, NOTHING)
        return [_amount(base), _amount(vat)] if self.rate else [_amount(base)]


def table(invoices: QuerySet[Invoice]) -> Iterator[str]:
    """The lines of a CSV: `;`, CRLF, decimal commas, days as DD/MM/YYYY; no text begins as a formula does."""
    found = list(invoices.select_related("relay").prefetch_related("payments", "vat_totals").order_by("period", "number"))
    treatments = sorted(
        {_Treatment(total.category, total.rate) for invoice in found for total in invoice.vat_totals.all()},
        key=lambda one: (-one.rate, one.category),
    )
    yield _BOM + _line([*_HEAD, *(heading for one in treatments for heading in one.headings()), *_TAIL])
    for invoice in found:
        yield _line(_cells(invoice, treatments))


def harmless(text: str) -> str:
    """A text as a cell: what a spreadsheet would take for a formula gets an apostrophe before it (CSV injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def _cells(invoice: Invoice, treatments: Sequence[_Treatment]) -> list[str]:
    paid = receipts(invoice, payments=invoice.payments.all(), vat_totals=list(invoice.vat_totals.all()))
    return [
        *map(harmless, (invoice.number, invoice.relay.code, invoice.seller["name"], invoice.seller["siret"])),
        f"{invoice.period:%m/%Y}",
        _day(invoice.issue_date),
        _day(invoice.due_date),
        _amount(invoice.net),
        *(cell for one in treatments for cell in one.cells(invoice)),
        _amount(invoice.vat),
        _amount(invoice.gross),
        *_paid(paid),
    ]


def _paid(paid: Sequence[Receipt]) -> list[str]:
    """The last day, the sum, the VAT in it; each payment where there are several."""
    if not paid:
        return ["", "", "", ""]
    amount = sum((one.amount for one in paid), NOTHING)
    vat = sum((one.vat for one in paid), NOTHING)
    each = " / ".join(f"{_day(one.paid_on)} : {_amount(one.amount)} dont TVA {_amount(one.vat)}" for one in paid)
    return [_day(paid[-1].paid_on), _amount(amount), _amount(vat), each if len(paid) > 1 else ""]


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _day(day: dt.date) -> str:
    return f"{day:%d/%m/%Y}"


def _amount(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")
