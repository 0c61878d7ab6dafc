"""How much is measured: the whole benchmark, the short one, or one with a million applications."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one benchmark.

    `events` go to every contender in every round, `slow_events` to those that handle one event
    after the other. `warm_up_events` come before those that count, where a contender needs it.
    """

    name: str
    rounds: int
    events: int
    slow_events: int
    warm_up_events: int
    poison_events: int
    requests: int
    slow_requests: int
    mails: int
    slow_mails: int
    latencies: int
    replayed: int
    recoveries: int
    backlogs: tuple[int, ...]
    partitions: tuple[int, ...]
    processes: tuple[int, ...]


FULL: Final = Plan(
    name="full",
    rounds=4,
    events=60_000,
    slow_events=3_000,
    warm_up_events=240_000,
    poison_events=20_000,
    requests=20_000,
    slow_requests=6_000,
    mails=10_000,
    slow_mails=3_000,
    latencies=300,
    replayed=60_000,
    recoveries=5,
    backlogs=(10_000, 100_000),
    partitions=(1, 6, 24),
    processes=(1, 2, 4),
)
MILLION: Final = Plan(
    **{
        **{name: getattr(FULL, name) for name in FULL.__slots__},
        "name": "million",
        "backlogs": (10_000, 100_000, 1_000_000),
    }
)
QUICK: Final = Plan(
    name="quick",
    rounds=3,
    events=20_000,
    slow_events=600,
    warm_up_events=40_000,
    poison_events=4_000,
    requests=5_000,
    slow_requests=2_000,
    mails=3_000,
    slow_mails=600,
    latencies=100,
    replayed=20_000,
    recoveries=1,
    backlogs=(),
    partitions=(),
    processes=(),
)
