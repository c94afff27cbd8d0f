"""Euros and cents: Decimal with two decimals, rounded half away from zero. Never floats."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def to_cent(amount: Decimal) -> Decimal:
    """EUR rounded to the cent, half away from zero: −0.125 → −0.13 (docs/files.md, Rating). Zero has no sign."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP) + 0  # decimal's HALF_UP is away from zero on both sides
