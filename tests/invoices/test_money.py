"""Cents: half away from zero on both sides."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.money import to_cent


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("0.125", "0.13"),  # not to the even 0.12, as Python and spreadsheets of banks would
        ("-0.125", "-0.13"),
        ("0.135", "0.14"),
        ("-0.135", "-0.14"),
        ("0.1249999", "0.12"),
        ("-0.1249999", "-0.12"),
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),  # 2.67 in floats
        ("7", "7.00"),
    ],
)
def test_half_a_cent_goes_away_from_zero(amount: str, rounded: str) -> None:
    assert str(to_cent(Decimal(amount))) == rounded


def test_nothing_has_no_sign() -> None:
    assert str(to_cent(Decimal("-0.004"))) == "0.00"


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_a_deduction_is_rounded_as_the_amount_itself(amount: Decimal) -> None:
    assert to_cent(-amount) == -to_cent(amount)
    assert abs(to_cent(amount) - amount) <= Decimal("0.005")
