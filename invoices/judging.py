"""One relay's month: rated, or held with the first reason found, or nothing to bill (docs/files.md, Rating and Held)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from invoices import held_because, rating, vat
from invoices.inputs import Month, RelayMonth
from invoices.models import Held
from relays import identities, mandates
from relays.models import Mandate

_LARGEST = Decimal("9999999999.99")
"""EUR: the largest amount that a draft or an invoice holds (12 digits)."""
_LARGEST_PRICE = Decimal("99999999.9999")


@dataclass(slots=True)
class Rated:
    """What a relay's invoice of the month would say. Amounts in EUR."""

    month: RelayMonth
    lines: list[rating.Line]
    vat_totals: list[vat.VatTotal]
    first_day: dt.date
    last_day: dt.date

    @property
    def net(self) -> Decimal:
        """The sum of the lines (BT-109)."""
        return sum((total.base for total in self.vat_totals), Decimal("0.00"))

    @property
    def vat(self) -> Decimal:
        """The VAT of all treatments (BT-110)."""
        return sum((total.vat for total in self.vat_totals), Decimal("0.00"))

    @property
    def gross(self) -> Decimal:
        """Net plus VAT (BT-112)."""
        return self.net + self.vat


@dataclass(slots=True)
class HeldBack:
    """A relay that may not be billed, why, and what mends it."""

    month: RelayMonth
    reason: Held.Reason
    detail: str


def judge(relay: RelayMonth, *, month: Month, issue_date: dt.date) -> Rated | HeldBack | None:
    """Rate a relay's month and look whether it may be billed; None where no line is left.

    issue_date: the day whose mandate counts beside the billed days (today, until it is issued).
    """
    days = relay.billed_days()
    if not days:
        return None
    unknown = [code for code, sums in relay.counts if any(q for _, q in sums) and month.tariff(code, relay.relay) is None]
    no_regime = vat.regime_on(days[0], relay.regimes) is None
    rated = None if unknown or no_regime else _rate(relay, month=month, days=days)
    if rated is not None and not rated.lines:
        return None

    if missing := without_mandate(days, approved=relay.mandates, issue_date=issue_date):
        return HeldBack(relay, Held.Reason.NO_MANDATE, missing)
    if incomplete := _incomplete(relay, days):
        return HeldBack(relay, Held.Reason.INCOMPLETE_IDENTITY, incomplete)
    if rated is None:
        no_tariff = held_because.NO_TARIFF % {"services": ", ".join(unknown), "month": month.period}
        return HeldBack(relay, Held.Reason.UNKNOWN_TARIFF, no_tariff)
    if rated.net < 0 or rated.gross < 0:
        return HeldBack(relay, Held.Reason.NEGATIVE_TOTAL, held_because.NEGATIVE % {"net": rated.net, "gross": rated.gross})
    if absurd := _too_large(rated):
        return HeldBack(relay, Held.Reason.DOCUMENT_REJECTED, absurd)
    return rated


def _too_large(rated: Rated) -> str:
    """Which amount is larger than any invoice holds, so that one wrong figure never stops the others; "" if none is."""
    for line in rated.lines:
        if abs(line.net) > _LARGEST or line.unit_price > _LARGEST_PRICE:
            return held_because.LINE_TOO_LARGE % {"label": line.label, "quantity": line.quantity, "price": line.unit_price}
    if max(abs(rated.net), abs(rated.gross)) > _LARGEST or any(abs(total.base) > _LARGEST for total in rated.vat_totals):
        return held_because.TOO_LARGE % {"net": rated.net, "gross": rated.gross}
    return ""


def without_mandate(days: Sequence[dt.date], *, approved: Sequence[Mandate], issue_date: dt.date) -> str:
    """Which billed day, or the issue date, no approved mandate covers, and the remedy; "" if all are covered."""
    day = mandates.first_uncovered(days, approved)
    if day is not None:
        return held_because.NOT_COVERED % {"day": day}
    if mandates.covering(issue_date, approved) is None:
        return held_because.ISSUE_DATE_NOT_COVERED % {"day": issue_date}
    return ""


def _incomplete(relay: RelayMonth, days: Sequence[dt.date]) -> str:
    regimes = [vat.regime_on(day, relay.regimes) for day in days]
    for day, regime in zip(days, regimes, strict=True):
        if regime is None:
            return held_because.NO_REGIME % {"day": day}
    charged = next((day for day, r in zip(days, regimes, strict=True) if r and r.regime == "standard"), None)
    if charged and not shown_vat_number(relay.regimes, last_day=days[-1]):
        return held_because.NO_VAT_NUMBER % {"charged": charged, "last": days[-1]}
    missing = identities.missing(relay.identity)
    said = held_because.ONE_EMPTY if len(missing) == 1 else held_because.SEVERAL_EMPTY
    return said % {"columns": ", ".join(missing)} if missing else ""


def shown_vat_number(regimes: Sequence[vat.RegimeFrom], *, last_day: dt.date) -> str:
    """The VAT number that the invoice shows: that of the latest regime among its billed days. last_day: the last of these."""
    regime = vat.regime_on(last_day, regimes)
    return regime.vat_number if regime else ""


def _rate(relay: RelayMonth, *, month: Month, days: Sequence[dt.date]) -> Rated:
    def treatment_on(day: dt.date) -> vat.Treatment:
        regime = vat.regime_on(day, relay.regimes)
        if regime is None:
            raise ValueError(f"no VAT regime on {day}")  # the caller saw that the first billed day has one
        return vat.TREATMENTS[regime.regime]

    lines: list[rating.Line] = []
    for code, sums in relay.counts:
        tariff = month.tariff(code, relay.relay)
        if tariff is not None:
            lines += rating.rate_service(sums, tariff=tariff, treatment_on=treatment_on)
    lines += [
        rating.rate_adjustment(day, label=label, amount=amount, treatment_on=treatment_on) for day, label, amount in relay.adjustments
    ]
    return Rated(relay, lines, vat.totals((line.treatment, line.net) for line in lines), days[0], days[-1])
