"""Exact results, written no more exactly than what they are made of. Pure."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Final

FEWEST_DIGITS: Final = 2
MOST_DIGITS: Final = 3


def digits_of(*values: Decimal) -> int:
    """Return how many significant digits a result of these values has: two, or three."""
    found = (len(each.normalize().as_tuple().digits) for each in values)
    return min(MOST_DIGITS, max(FEWEST_DIGITS, *found, FEWEST_DIGITS))


def rounded(value: Fraction, digits: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """Return an exact value with so many significant digits, halves to even."""
    context = Context(prec=digits, rounding=rounding)
    found = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    return Decimal(f"{found:f}")


def rounded_down(value: Fraction, digits: int) -> Decimal:
    """Return what `rounded` does, but never more than there is."""
    return rounded(value, digits, ROUND_DOWN)
