"""The regime by day, and VAT by treatment on the sum of the lines, nowhere else."""

import datetime as dt
from decimal import Decimal

from invoices.vat import FRANCHISE, STANDARD, RegimeFrom, Treatment, VatTotal, regime_on, totals

OCTOBER_1 = dt.date(2026, 10, 1)
OCTOBER_16 = dt.date(2026, 10, 16)
HISTORY = [RegimeFrom(OCTOBER_1, "franchise"), RegimeFrom(OCTOBER_16, "standard", "FR11287244677")]


def of(*nets: tuple[Treatment, str]) -> list[tuple[str, str, str]]:
    """(category, base, VAT) of each total."""
    found = totals((treatment, Decimal(net)) for treatment, net in nets)
    return [(total.treatment.category, str(total.base), str(total.vat)) for total in found]


def test_a_regime_starts_on_its_day() -> None:
    assert regime_on(OCTOBER_16 - dt.timedelta(days=1), HISTORY) == HISTORY[0]
    assert regime_on(OCTOBER_16, HISTORY) == HISTORY[1]
    assert regime_on(dt.date(2030, 1, 1), HISTORY) == HISTORY[1]


def test_before_the_first_regime_there_is_none() -> None:
    assert regime_on(OCTOBER_1 - dt.timedelta(days=1), HISTORY) is None
    assert regime_on(OCTOBER_1, []) is None


def test_vat_is_computed_on_the_sum_and_not_by_line() -> None:
    assert of((STANDARD, "0.02"), (STANDARD, "0.02"), (STANDARD, "0.01")) == [("S", "0.05", "0.01")]  # by line: 0.00
    assert of((STANDARD, "0.03"), (STANDARD, "0.03"), (STANDARD, "0.03")) == [("S", "0.09", "0.02")]  # by line: 0.03


def test_vat_is_rounded_half_away_from_zero() -> None:
    tenth = Treatment("S", Decimal("10.00"))  # at 20 % no sum of cents ends on half a cent
    assert of((tenth, "0.05")) == [("S", "0.05", "0.01")]
    assert of((tenth, "-0.05")) == [("S", "-0.05", "-0.01")]
    assert of((tenth, "0.25")) == [("S", "0.25", "0.03")]


def test_a_negative_base_takes_its_vat_back() -> None:
    assert of((STANDARD, "-1.80"), (FRANCHISE, "4.60")) == [("S", "-1.80", "-0.36"), ("E", "4.60", "0.00")]


def test_s_comes_first() -> None:
    assert [category for category, *_ in of((FRANCHISE, "1.00"), (STANDARD, "1.00"))] == ["S", "E"]


def test_only_a_treatment_that_has_a_line_has_a_total() -> None:
    assert of() == []
    assert of((STANDARD, "1.00"), (STANDARD, "-1.00")) == [("S", "0.00", "0.00")]


def test_a_total_without_vat_is_zero_without_a_sign() -> None:
    assert totals([(STANDARD, Decimal("-0.01"))]) == [VatTotal(STANDARD, Decimal("-0.01"), Decimal("0.00"))]
    assert of((STANDARD, "-0.01")) == [("S", "-0.01", "0.00")]
    assert of((FRANCHISE, "-5.00")) == [("E", "-5.00", "0.00")]
