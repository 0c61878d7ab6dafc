"""How old events are when their handling ends: observed for whole batches at once."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate
from math import inf
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from typing_extensions import override

_BOUNDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, inf)


class EventAge(Collector):
    """The histogram `cppp_event_age_seconds`, by event type.

    The client's own histogram takes one value at a time, at three times the cost.
    """

    def __init__(self, service: str, registry: CollectorRegistry) -> None:
        self._service = service
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(_BOUNDS))
        self._sums: dict[str, float] = defaultdict(float)
        registry.register(self)

    def observe(self, event_type: str, seconds: Iterable[float]) -> None:
        """Count the ages of events of one type."""
        counts, total = self._counts[event_type], 0.0
        for each in seconds:
            counts[bisect_left(_BOUNDS, each)] += 1
            total += each
        self._sums[event_type] += total

    @override
    def collect(self) -> Iterable[HistogramMetricFamily]:
        """Show the buckets; asked by the registry."""
        family = HistogramMetricFamily(
            "cppp_event_age_seconds",
            "From an event's own time to the end of its handling here.",
            labels=("service", "event_type"),
        )
        for event_type, counts in list(self._counts.items()):
            up_to = zip(map(floatToGoString, _BOUNDS), accumulate(counts), strict=True)
            family.add_metric((self._service, event_type), [*up_to], self._sums[event_type])
        yield family
