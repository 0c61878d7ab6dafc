"""Bands of investment and payback, to choose by. Pure.

Figures are shown as published, never converted. Only to choose by a band, amounts are compared at
round rates, which the page names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from shared.events.content import Example, Figure

Fit = Literal["fits", "unknown", "outside"]

ROUND_RATES: Final[Mapping[str, Decimal]] = {
    "HKD": Decimal(1),
    "RMB": Decimal("1.1"),
    "USD": Decimal("7.8"),
    "AUD": Decimal(5),
    "EUR": Decimal("8.5"),
}
MONTHS: Final = {"years": Decimal(12), "months": Decimal(1), "weeks": Decimal(12) / 52}


@dataclass(frozen=True, slots=True)
class Band:
    """A range: above `above`, up to `up_to`; `None` is without limit."""

    above: int
    up_to: int | None

    def fit(self, low: Decimal | None, high: Decimal | None) -> Fit:
        """Return whether a figure from `low` to `high` may lie in this band."""
        if low is None and high is None:
            return "unknown"
        below = self.up_to is not None and low is not None and low > self.up_to
        return "outside" if below or (high is not None and high <= self.above) else "fits"


Investment = Literal["to-100k", "to-500k", "to-2m", "above-2m"]
Payback = Literal["to-1y", "to-3y", "above-3y"]

INVESTMENTS: Final[Mapping[str, Band]] = {
    "to-100k": Band(-1, 100_000),
    "to-500k": Band(-1, 500_000),
    "to-2m": Band(-1, 2_000_000),
    "above-2m": Band(2_000_000, None),
}
"""In Hong Kong dollars."""

PAYBACKS: Final[Mapping[str, Band]] = {
    "to-1y": Band(-1, 12),
    "to-3y": Band(-1, 36),
    "above-3y": Band(36, None),
}
"""In months."""


def investment_fit(example: Example, band: Band) -> Fit:
    """Return whether the investment of an example lies in a band of Hong Kong dollars."""
    return _best(
        _scaled(each, ROUND_RATES.get(each.currency or ""), band)
        for each in example.figures
        if each.of == "investment"
    )


def payback_fit(example: Example, band: Band) -> Fit:
    """Return whether a payback, printed or computed, lies in a band of months."""
    return _best(
        _scaled(each, MONTHS.get(each.unit or ""), band)
        for each in example.figures
        if each.of == "payback"
    )


def _scaled(figure: Figure, factor: Decimal | None, band: Band) -> Fit:
    if figure.negligible:
        return band.fit(Decimal(0), Decimal(0))
    if factor is None:
        return "unknown"
    low, high = figure.low, figure.high
    return band.fit(None if low is None else low * factor, None if high is None else high * factor)


def _best(fits: Iterable[Fit]) -> Fit:
    found = set(fits)
    if "fits" in found:
        return "fits"
    return "outside" if "outside" in found else "unknown"
