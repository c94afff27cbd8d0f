"""A month of Europe/Paris, and today there."""

import datetime as dt

import pytest
import time_machine

from invoices.period import Period, today


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-10-31T22:30:00+00:00", dt.date(2026, 10, 31)),  # 23:30 in Paris, winter time since the 25th
        ("2026-10-31T23:00:00+00:00", dt.date(2026, 11, 1)),  # midnight in Paris, October in UTC
        ("2026-06-30T21:59:59+00:00", dt.date(2026, 6, 30)),  # summer: midnight is 22:00 in UTC
        ("2026-06-30T22:00:00+00:00", dt.date(2026, 7, 1)),
        ("2026-10-31T23:59:59+01:00", dt.date(2026, 10, 31)),
    ],
)
def test_a_month_ends_at_midnight_in_paris(instant: str, day: dt.date) -> None:
    assert today(dt.datetime.fromisoformat(instant)) == day
    with time_machine.travel(dt.datetime.fromisoformat(instant), tick=False):
        assert today() == day


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-10", dt.date(2026, 10, 1), dt.date(2026, 10, 31)),
        ("2026-02", dt.date(2026, 2, 1), dt.date(2026, 2, 28)),
        ("2028-02", dt.date(2028, 2, 1), dt.date(2028, 2, 29)),
        ("2026-12", dt.date(2026, 12, 1), dt.date(2026, 12, 31)),
    ],
)
def test_a_month_has_its_first_and_its_last_day(name: str, first: dt.date, last: dt.date) -> None:
    month = Period.named(name)
    assert (month.first, month.last, str(month)) == (first, last, name)


def test_before_january_comes_december() -> None:
    assert str(Period.named("2027-01").previous) == "2026-12"


@pytest.mark.parametrize("name", ["", "2026", "2026-1", "2026-13", "2026-00", "10-2026", "2026-10-01", "2026-10\n", "0026-10", "٢٠٢٦-١٠"])
def test_what_is_no_month_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        Period.named(name)
