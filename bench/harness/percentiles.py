"""Percentiles, for every table alike."""

from collections.abc import Sequence
from statistics import quantiles


def percentile(values: Sequence[float], percent: int) -> float:
    """Tell what so many per cent (1 to 99) of the values are at most, to a hundredth.

    Raises `statistics.StatisticsError` for fewer than two values.
    """
    return round(quantiles(values, n=100, method="inclusive")[percent - 1], 2)
