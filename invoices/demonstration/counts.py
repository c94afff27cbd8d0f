"""What one relay did in one month: parcels by day and service, corrections, one-off amounts."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from invoices.demonstration import cast
from invoices.demonstration.months import Months, days_of
from invoices.demonstration.shops import Shop, lot

WEEKDAYS = (0.9, 1.1, 1.0, 1.0, 1.15, 1.25)  # Monday to Saturday, around an ordinary day
PEAK = 1.5
SHUT = frozenset({(1, 1), (5, 1), (12, 25)})  # (month, day): everyone's holiday


class Count(NamedTuple):
    """One row of activity.csv; negative: a correction."""

    day: dt.date
    service_code: str
    quantity: int


class Amount(NamedTuple):
    """One row of adjustments.csv: EUR ex VAT, signed."""

    day: dt.date
    label: str
    amount: Decimal


def peak_days(*, start: dt.date, seed: int) -> frozenset[dt.date]:
    """Three days of the month when the whole network is busy."""
    return frozenset(lot(seed=seed, what=f"peak {start}", rank=0).sample(days_of(start), 3))


def _open_days(shop: Shop, *, start: dt.date, months: Months) -> list[dt.date]:
    """The days on which the relay works in that month."""
    since = months.last.replace(day=10) if shop.rank == cast.STARTS_LATE else months.first
    return [
        day
        for day in days_of(start)
        if day >= since and day.weekday() != 6 and (day.month, day.day) not in SHUT and not (shop.closed_on_monday and day.weekday() == 0)
    ]


def _corrections(shop: Shop, *, start: dt.date, delivered: dict[dt.date, int]) -> Iterator[Count]:
    """Negative rows: on a day that had parcels, or on the last Sunday."""
    if cast.is_corrected_the_same_day(shop.rank):
        busiest = max(delivered, key=lambda day: delivered[day])
        yield Count(busiest, "LIV", -min(2, delivered[busiest]))
    if cast.is_corrected_on_a_sunday(shop.rank):
        yield Count(max(day for day in days_of(start) if day.weekday() == 6), "LIV", -4)


def activity(shop: Shop, *, start: dt.date, months: Months, seed: int, peaks: frozenset[dt.date]) -> Iterator[Count]:
    """The rows of one relay and month, by day; the monthly fee on its last day, corrections at the end."""
    draw = lot(seed=seed, what=f"activity {start}", rank=shop.rank)
    days = _open_days(shop, start=start, months=months)
    delivered: dict[dt.date, int] = {}
    for day in days:
        expected = shop.parcels * WEEKDAYS[day.weekday()] * (PEAK if day in peaks else 1)
        handed_out = max(0, round(draw.gauss(expected, expected**0.5)))
        delivered[day] = handed_out
        for service_code, quantity in (
            ("LIV", handed_out),
            ("DEP", round(handed_out * draw.uniform(0.2, 0.5))),
            ("RET", round(handed_out * draw.uniform(0.05, 0.25))),
            ("INS", round(handed_out * draw.uniform(0, 0.06))),
            ("VEL", 3 if shop.rank == cast.WITHOUT_TARIFF and day.weekday() == 4 else 0),
        ):
            if quantity:
                yield Count(day, service_code, quantity)
    if days:
        yield Count(days_of(start)[-1], "FOR", 1)
        yield from _corrections(shop, start=start, delivered=delivered)


def adjustments(shop: Shop, *, start: dt.date, months: Months) -> Iterator[Amount]:
    """The one-off amounts of one relay and month, on its last day."""
    day = days_of(start)[-1]
    if cast.earns_a_premium(shop.rank):
        yield Amount(day, "Prime qualité", Decimal("12.34"))
    if cast.pays_a_penalty(shop.rank):
        yield Amount(day, "Malus qualité", Decimal("-15.00"))
    if shop.rank == cast.OVERPAID and start == months.last:
        yield Amount(day, "Reprise d’un trop-perçu des années passées", Decimal("-9000.00"))
