"""The sizes of the benchmark: quick, standard, and full with more rounds and larger numbers."""

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbers of one size.

    Every contender gets `events` in every round, or `slow_events` if it handles one event at a
    time; `warm_up_events` precede them if it needs a warm-up. `side_rounds` are the rounds of
    intake, notify and replay. The part `platform` sends `applications`, one by one
    `slow_applications`, and offers each of `platform_rates` for `platform_step_seconds`.

    The part `portal` opens `portal_pages` of a site with `portal_items`, `portal_rate` a second.

    `baseline` is the folder of another checkout to measure the platform of, and `only` the names of
    the contenders to measure; without names all are.
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
    latency_samples: int
    replayed_applications: int
    loads: tuple[int, ...]
    load_seconds: int
    redelivered_events: int
    recovery_rounds: int
    backlogs: tuple[int, ...]
    partitions: tuple[int, ...]
    processes: tuple[int, ...]
    platform_rounds: int
    applications: int
    slow_applications: int
    idle_seconds: int
    platform_rates: tuple[int, ...]
    platform_step_seconds: int
    portal_items: int
    portal_pages: int
    portal_rate: int
    baseline: str = ""
    only: tuple[str, ...] = ()


STANDARD: Final = Plan(
    name="standard",
    rounds=3,
    side_rounds=2,
    events=30_000,
    slow_events=600,
    warm_up_events=60_000,
    poison_events=8_000,
    requests=10_000,
    slow_requests=3_000,
    mails=3_000,
    slow_mails=1_000,
    latency_samples=200,
    replayed_applications=30_000,
    loads=(2_000, 10_000, 20_000),
    load_seconds=5,
    redelivered_events=1_000,
    recovery_rounds=2,
    backlogs=(10_000, 50_000),
    partitions=(1, 6, 24),
    processes=(1, 2),
    platform_rounds=2,
    applications=3_000,
    slow_applications=500,
    idle_seconds=10,
    platform_rates=(25, 100, 200),
    platform_step_seconds=6,
    portal_items=5_000,
    portal_pages=3_000,
    portal_rate=50,
)
FULL: Final = replace(
    STANDARD,
    name="full",
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
    latency_samples=300,
    replayed_applications=60_000,
    loads=(1_000, 5_000, 10_000, 15_000, 20_000),
    load_seconds=8,
    redelivered_events=2_000,
    recovery_rounds=5,
    backlogs=(10_000, 100_000, 1_000_000),
    processes=(1, 2, 4),
    platform_rounds=3,
    applications=10_000,
    slow_applications=2_000,
    idle_seconds=20,
    platform_rates=(25, 50, 100, 200),
    platform_step_seconds=10,
    portal_pages=10_000,
)
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
    latency_samples=100,
    replayed_applications=20_000,
    loads=(),
    load_seconds=0,
    redelivered_events=0,
    recovery_rounds=1,
    backlogs=(),
    partitions=(),
    processes=(),
    platform_rounds=1,
    applications=1_000,
    slow_applications=300,
    idle_seconds=10,
    platform_rates=(25, 100),
    platform_step_seconds=5,
    portal_items=5_000,
    portal_pages=1_500,
    portal_rate=50,
)
