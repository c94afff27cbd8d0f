"""Counts and bands → lines, by hand and against a calculation that takes the units one by one."""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoices.rating import Band, Line, Tariff, over_bands, rate_adjustment, rate_service
from invoices.vat import FRANCHISE, STANDARD, Treatment

Days = Sequence[tuple[int, int]]


def bands(*prices: tuple[int, str]) -> tuple[Band, ...]:
    return tuple(Band(start, Decimal(price), f"Dès {start}", "C62") for start, price in prices)


LIV = bands((0, "0.40"), (500, "0.30"), (1500, "0.20"))


def day(number: int) -> dt.date:
    return dt.date(2026, 10, number)


def always_standard(_day: dt.date) -> Treatment:
    return STANDARD


def franchise_until(last: int) -> Callable[[dt.date], Treatment]:
    return lambda on: FRANCHISE if on <= day(last) else STANDARD


def rated(*days: tuple[int, int], by: tuple[Band, ...] = LIV, treatment_on: Callable[[dt.date], Treatment] = always_standard) -> list[Line]:
    """Rate (day of October, units)."""
    return rate_service(((day(number), units) for number, units in days), tariff=Tariff("LIV", by), treatment_on=treatment_on)


def said(lines: Sequence[Line]) -> list[tuple[int, str, str, str]]:
    """(quantity, unit price, category, net) of each line."""
    return [(line.quantity, str(line.unit_price), line.treatment.category, str(line.net)) for line in lines]


# Bands


@pytest.mark.parametrize(
    ("already", "quantity", "units_and_prices"),
    [
        (0, 500, [(500, "0.40")]),
        (499, 1, [(1, "0.40")]),  # the 500th
        (500, 1, [(1, "0.30")]),  # the 501st
        (499, 2, [(1, "0.40"), (1, "0.30")]),
        (0, 501, [(500, "0.40"), (1, "0.30")]),
        (1499, 2, [(1, "0.30"), (1, "0.20")]),
        (0, 2000, [(500, "0.40"), (1000, "0.30"), (500, "0.20")]),
        (5000, 3, [(3, "0.20")]),
    ],
)
def test_units_fill_the_bands(already: int, quantity: int, units_and_prices: list[tuple[int, str]]) -> None:
    assert [(units, str(band.unit_price)) for units, band in over_bands(quantity, already=already, bands=LIV)] == units_and_prices


@pytest.mark.parametrize(
    ("already", "quantity", "units_and_prices"),
    [
        (501, -1, [(-1, "0.30")]),  # the 501st
        (500, -1, [(-1, "0.40")]),  # the 500th
        (501, -2, [(-1, "0.30"), (-1, "0.40")]),
        (2000, -1800, [(-500, "0.20"), (-1000, "0.30"), (-300, "0.40")]),
        (2, -5, [(-5, "0.40")]),  # three of them below zero
        (0, -7, [(-7, "0.40")]),
        (-7, -1, [(-1, "0.40")]),
        (-7, 8, [(8, "0.40")]),
        (-7, 508, [(507, "0.40"), (1, "0.30")]),  # units below zero fill no band
    ],
)
def test_a_correction_gives_back_the_last_units_and_below_zero_the_first_price_holds(
    already: int, quantity: int, units_and_prices: list[tuple[int, str]]
) -> None:
    assert [(units, str(band.unit_price)) for units, band in over_bands(quantity, already=already, bands=LIV)] == units_and_prices


def test_no_unit_touches_no_band() -> None:
    assert over_bands(0, already=500, bands=LIV) == []


# Lines


def test_the_count_runs_through_the_month_from_day_to_day() -> None:
    assert said(rated((1, 300), (2, 300), (31, 1000))) == [
        (500, "0.40", "S", "200.00"),
        (1000, "0.30", "S", "300.00"),
        (100, "0.20", "S", "20.00"),
    ]


def test_the_count_runs_on_through_a_change_of_regime() -> None:
    assert said(rated((15, 499), (16, 2), treatment_on=franchise_until(15))) == [
        (499, "0.40", "E", "199.60"),
        (1, "0.40", "S", "0.40"),
        (1, "0.30", "S", "0.30"),
    ]


def test_a_negative_day_is_under_the_regime_of_that_day_so_that_a_line_may_be_negative() -> None:
    assert said(rated((15, 502), (16, -4), treatment_on=franchise_until(15))) == [
        (500, "0.40", "E", "200.00"),
        (2, "0.30", "E", "0.60"),
        (-2, "0.30", "S", "-0.60"),
        (-2, "0.40", "S", "-0.80"),
    ]


def test_what_was_given_back_is_counted_anew_from_the_lower_band() -> None:
    assert said(rated((1, 501), (2, -1), (3, 1))) == [(500, "0.40", "S", "200.00"), (1, "0.30", "S", "0.30")]


def test_a_line_of_quantity_zero_is_dropped() -> None:
    assert said(rated((1, 501), (2, -1))) == [(500, "0.40", "S", "200.00")]
    assert rated((1, 12), (2, -12)) == []
    assert said(rated((1, 12), (16, -12), treatment_on=franchise_until(15))) == [(12, "0.40", "E", "4.80"), (-12, "0.40", "S", "-4.80")]


def test_a_day_that_sums_to_zero_changes_nothing() -> None:
    assert said(rated((1, 0), (2, 3), (3, 0))) == [(3, "0.40", "S", "1.20")]
    (line,) = rated((1, 0), (2, 3), (3, 0))
    assert (line.first_day, line.last_day) == (day(2), day(2))


def test_bands_of_one_price_are_one_line_with_the_first_one_s_label() -> None:
    lines = rated((1, 30), by=bands((0, "0.40"), (10, "0.20"), (20, "0.40")))
    assert said(lines) == [(20, "0.40", "S", "8.00"), (10, "0.20", "S", "2.00")]
    assert [line.label for line in lines] == ["Dès 0", "Dès 10"]


def test_a_price_of_zero_is_a_line_all_the_same() -> None:
    assert said(rated((1, 12), by=bands((0, "0.0000"), (10, "1.0000")))) == [(10, "0.0000", "S", "0.00"), (2, "1.0000", "S", "2.00")]


@pytest.mark.parametrize(("units", "net"), [(1, "0.13"), (-1, "-0.13"), (3, "0.38"), (-3, "-0.38"), (2, "0.25")])
def test_half_a_cent_of_a_line_goes_away_from_zero(units: int, net: str) -> None:
    assert said(rated((1, units), by=bands((0, "0.1250")))) == [(units, "0.1250", "S", net)]


def test_a_line_s_net_is_rounded_once_and_not_by_day() -> None:
    assert said(rated((1, 1), (2, 1), (3, 1), by=bands((0, "0.1250")))) == [(3, "0.1250", "S", "0.38")]  # by day: 0.39


def test_a_line_says_its_first_and_its_last_day() -> None:
    assert [(line.first_day, line.last_day) for line in rated((3, 400), (8, 200), (20, 100))] == [(day(3), day(8)), (day(8), day(20))]


@pytest.mark.parametrize(("amount", "quantity"), [("12.34", 1), ("-15.00", -1)])
def test_an_adjustment_is_a_line_whose_price_is_never_negative(amount: str, quantity: int) -> None:
    line = rate_adjustment(day(31), label="Malus", amount=Decimal(amount), treatment_on=franchise_until(15))
    assert (line.quantity, line.unit_price, line.net) == (quantity, abs(Decimal(amount)), Decimal(amount))
    assert (line.unit_code, line.service_code, line.treatment, line.set_id) == ("C62", "", STANDARD, None)


# Held against a calculation that takes the units one by one

prices = st.sampled_from(["0", "0.0000", "0.0001", "0.0050", "0.1250", "0.3850", "1.0000"])
tariffs = st.lists(st.tuples(st.integers(1, 40), prices), max_size=4, unique_by=lambda band: band[0]).flatmap(
    lambda others: prices.map(lambda first: bands((0, first), *sorted(others)))
)
months = st.lists(st.tuples(st.integers(1, 31), st.integers(-45, 60)), max_size=8, unique_by=lambda each: each[0]).map(sorted)


def one_by_one(days: Days, *, by: Sequence[Band], treatment_on: Callable[[dt.date], Treatment]) -> dict[tuple[Decimal, Treatment], int]:
    """A stack of units: a positive day puts units on it, a negative one takes the last off; below zero, the first price."""
    counted: dict[tuple[Decimal, Treatment], int] = {}
    height = 0
    for number, units in days:
        for _ in range(abs(units)):
            height += 1 if units > 0 else -1
            before = height - 1 if units > 0 else height  # units already rated when this one was
            price = next((band.unit_price for band in reversed(by) if band.from_quantity <= before), by[0].unit_price)
            key = (price, treatment_on(day(number)))
            counted[key] = counted.get(key, 0) + (1 if units > 0 else -1)
    return {key: units for key, units in counted.items() if units}


@settings(max_examples=500, deadline=None)
@given(days=months, by=tariffs, change=st.integers(0, 31))
def test_it_is_what_taking_the_units_one_by_one_gives(days: Days, by: tuple[Band, ...], change: int) -> None:
    regime = franchise_until(change) if change else always_standard
    lines = rated(*days, by=by, treatment_on=regime)
    assert {(line.unit_price, line.treatment): line.quantity for line in lines} == one_by_one(days, by=by, treatment_on=regime)
    assert len({(line.unit_price, line.treatment) for line in lines}) == len(lines)
    assert sum(line.quantity for line in lines) == sum(units for _, units in days)
