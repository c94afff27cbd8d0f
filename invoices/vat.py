"""A relay's VAT treatment by day, and the VAT of an invoice (CGI art. 293 B; EN 16931 BG-23)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from invoices.money import to_cent


@dataclass(frozen=True, slots=True)
class Treatment:
    """A VAT category (BT-151) and its rate in per cent (BT-152)."""

    category: str
    rate: Decimal


STANDARD = Treatment("S", Decimal("20.00"))
FRANCHISE = Treatment("E", Decimal("0.00"))
TREATMENTS = {"standard": STANDARD, "franchise": FRANCHISE}


@dataclass(frozen=True, slots=True, order=True)
class RegimeFrom:
    """A regime (standard or franchise) from a day on, with the VAT number that goes with it."""

    valid_from: dt.date
    regime: str
    vat_number: str = ""


def regime_on(day: dt.date, history: Sequence[RegimeFrom]) -> RegimeFrom | None:
    """The regime in force on that day; None before the first. history: in order of valid_from."""
    found = None
    for regime in history:
        if regime.valid_from > day:
            break
        found = regime
    return found


@dataclass(frozen=True, slots=True)
class VatTotal:
    """VAT of one treatment, in EUR: base is the sum of its lines' nets."""

    treatment: Treatment
    base: Decimal
    vat: Decimal


def totals(nets: Iterable[tuple[Treatment, Decimal]]) -> list[VatTotal]:
    """VAT by treatment, S first, computed on the sum of the nets, half away from zero, nowhere else.

    nets: (treatment, net in EUR to the cent) of each line. One result for each treatment that has a line.
    """
    bases: dict[Treatment, Decimal] = {}
    for treatment, net in nets:
        bases[treatment] = bases.get(treatment, Decimal("0.00")) + net
    in_order = sorted(bases, key=lambda treatment: (treatment.category != "S", treatment.category, treatment.rate))
    return [VatTotal(treatment, bases[treatment], to_cent(bases[treatment] * treatment.rate / 100)) for treatment in in_order]
