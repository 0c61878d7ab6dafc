"""Percentiles, computed in one way for all tables."""

from collections.abc import Sequence
from statistics import quantiles


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile (1 to 99) of values, interpolated and rounded to hundredths.

    Raises:
        statistics.StatisticsError: There are fewer than two values.
    """
    return round(quantiles(values, n=100, method="inclusive")[percent - 1], 2)
