"""Counts and bands → lines, exactly by docs/files.md, Rating. Pure: values in, values out."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from invoices.money import to_cent
from invoices.vat import Treatment


@dataclass(frozen=True, slots=True)
class Band:
    """From unit from_quantity + 1 of the month on, a unit is worth unit_price EUR ex VAT."""

    from_quantity: int
    unit_price: Decimal
    label: str
    unit_code: str


@dataclass(frozen=True, slots=True)
class Tariff:
    """The set in force for one service. bands: in order, the first from 0. set_id: whatever names the set to the caller."""

    service_code: str
    bands: tuple[Band, ...]
    set_id: int | None = None


@dataclass(slots=True)
class Line:
    """One (service, unit price, VAT treatment). net: quantity × unit_price in EUR to the cent."""

    service_code: str
    label: str
    unit_code: str
    quantity: int
    unit_price: Decimal
    treatment: Treatment
    first_day: dt.date
    last_day: dt.date
    set_id: int | None

    @property
    def net(self) -> Decimal:
        """EUR ex VAT, half away from zero."""
        return to_cent(self.quantity * self.unit_price)


TreatmentOn = Callable[[dt.date], Treatment]


def over_bands(quantity: int, *, already: int, bands: Sequence[Band]) -> list[tuple[int, Band]]:
    """Share one day's quantity over graduated bands.

    quantity: units of the day, signed. already: units rated before in the same Paris month; below zero after more
    was given back than done, and then the first band's price is used. A negative quantity gives back the last units.
    Returns (units, band), the signed units of each band touched; they add up to quantity. Source: docs/files.md, Rating.
    """
    low, high = sorted((already, already + quantity))
    sign = 1 if quantity > 0 else -1
    shares = []
    for index, band in enumerate(bands):
        start = band.from_quantity if index else min(low, band.from_quantity)
        end = bands[index + 1].from_quantity if index + 1 < len(bands) else max(high, start)
        units = min(high, end) - max(low, start)
        if units > 0:
            shares.append((sign * units, band))
    return shares if sign > 0 else shares[::-1]


def rate_service(days: Iterable[tuple[dt.date, int]], *, tariff: Tariff, treatment_on: TreatmentOn) -> list[Line]:
    """The lines of one service and month, by price, in the order in which each price is first touched.

    days: (day, units of that day, already summed), in day order. Lines of quantity zero are dropped.
    """
    lines: dict[tuple[Decimal, Treatment], Line] = {}
    already = 0
    for day, quantity in days:
        if quantity == 0:
            continue
        treatment = treatment_on(day)
        for units, band in over_bands(quantity, already=already, bands=tariff.bands):
            line = lines.get((band.unit_price, treatment))
            if line is None:
                lines[band.unit_price, treatment] = Line(
                    tariff.service_code, band.label, band.unit_code, units, band.unit_price, treatment, day, day, tariff.set_id
                )
            else:
                line.quantity += units
                line.last_day = day
        already += quantity
    return [line for line in lines.values() if line.quantity]


def rate_adjustment(day: dt.date, *, label: str, amount: Decimal, treatment_on: TreatmentOn) -> Line:
    """One adjustment as a line: quantity 1, or −1 when negative, at a price that is never negative (BR-27). amount: EUR ex VAT."""
    return Line("", label, "C62", 1 if amount > 0 else -1, abs(amount), treatment_on(day), day, day, None)
