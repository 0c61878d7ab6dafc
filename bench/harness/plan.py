"""How much is measured: all, all with a million applications in the end, or the main things."""

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one benchmark.

    `events` go to every contender in every round, `slow_events` to those that handle one event
    after the other. `warm_up_events` come before those that count, where a contender needs it.
    `side_rounds` is how often everything but the pipeline is measured.
    """

    name: str
    rounds: int
    side_rounds: int
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
    loads: tuple[int, ...]
    load_seconds: int
    redelivered: int
    recoveries: int
    backlogs: tuple[int, ...]
    partitions: tuple[int, ...]
    processes: tuple[int, ...]


STANDARD: Final = Plan(
    name="standard",
    rounds=5,
    side_rounds=5,
    events=40_000,
    slow_events=1_500,
    warm_up_events=80_000,
    poison_events=20_000,
    requests=20_000,
    slow_requests=6_000,
    mails=6_000,
    slow_mails=3_000,
    latencies=300,
    replayed=60_000,
    loads=(1_000, 5_000, 10_000, 15_000, 20_000),
    load_seconds=8,
    redelivered=2_000,
    recoveries=5,
    backlogs=(10_000, 100_000),
    partitions=(1, 6, 24),
    processes=(1, 2, 4),
)
FULL: Final = replace(STANDARD, name="full", backlogs=(10_000, 100_000, 1_000_000))
QUICK: Final = Plan(
    name="quick",
    rounds=3,
    side_rounds=1,
    events=24_000,
    slow_events=450,
    warm_up_events=40_000,
    poison_events=4_000,
    requests=5_000,
    slow_requests=2_000,
    mails=1_500,
    slow_mails=500,
    latencies=100,
    replayed=20_000,
    loads=(),
    load_seconds=0,
    redelivered=0,
    recoveries=1,
    backlogs=(),
    partitions=(),
    processes=(),
)
