"""One run of one contender, and what came of it."""

import os
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Final, Literal

from bench.harness.contender import Contender
from bench.harness.dataset import DataSet
from bench.harness.effects import Decided, Effects, Places
from bench.harness.process import Process, Several, Usage, running
from bench.harness.rules_file import rules_file
from bench.harness.stack import Station
from bench.harness.verdict import Verdict, judge
from devstack.stack.ports import LOCALHOST, free_ports
from services.eligibility.store.history_documents import (
    COMPLETIONS_BY_FACTORY,
    DECISIONS_BY_FACTORY,
)

Ended = Literal["finished", "stuck", "exits", "stays behind"]

_LOOK_SECONDS: Final = 0.05
_QUIET_SECONDS: Final = 30.0
_START_SECONDS: Final = 120.0  # until the first effect: a cold JVM on a busy machine
_QUIET_AT_THE_END_SECONDS: Final = 4.0
_LONGEST_SECONDS: Final = 600.0
_RESTARTS: Final = 2
_numbers = count(1)
# By these every contender looks up what a factory has applied for before, as the service does.
_INDEXES: Final = {"completions": COMPLETIONS_BY_FACTORY, "decisions": DECISIONS_BY_FACTORY}


@dataclass(frozen=True, slots=True)
class Assignment:
    """What to work on and where; the first `warm_up` events do not count for the speed.

    `again`: everything is delivered once more to who has handled it before.
    """

    data_set: DataSet
    places: Places
    warm_up: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run; figures of speed are only good if the verdict is clean."""

    contender: str
    ended: Ended
    verdict: Verdict
    records: int
    decided: int
    dead_letters: int
    seconds: float
    events_per_second: float
    cpu_us_per_event: float
    peak_rss_mb: float
    first_effect_seconds: float
    last_words: str = ""


def environment(station: Station, places: Places) -> dict[str, str]:
    """Tell a contender what it has to know."""
    return {
        **station.addresses.environment,
        **places.environment,
        "BENCH_RULES": str(rules_file()),
        "HTTP_HOST": LOCALHOST,
        "HTTP_PORT": str(free_ports(["http"])["http"]),
    }


def make_room(station: Station, places: Places, *, again: bool = False) -> None:
    """Remove what an earlier run left, unless it is done again; create what is written to."""
    if not again:
        station.mongo.drop_database(places.database)
        database = station.mongo[places.database]
        for name, index in _INDEXES.items():
            database[name].create_index(index)
    station.forget_group(places.group)
    existing = station.admin.list_topics(timeout=10).topics
    missing = [each for each in (places.output, places.dead_letters) if each not in existing]
    if missing:
        station.create_outputs(*missing)


def run(station: Station, contender: Contender, assignment: Assignment) -> Run:
    """Let a contender work from the beginning of its topic to the end."""
    places = assignment.places
    make_room(station, places, again=assignment.again)
    os.sync()  # what others have written shall not go to the disk meanwhile
    effects = Effects(station, places)
    log = station.folder / f"{contender.name}-{next(_numbers)}.log"
    settings = environment(station, places) | dict(contender.settings)
    with running(contender.command, settings, log) as process:
        watch = Watch(process, effects, assignment)
        ended = watch.to_the_end()
        words = process.last_words() if ended != "finished" else ""
    return _run(contender.name, assignment, effects, watch, (ended, words))


@dataclass(slots=True)
class Watch:
    """Follows a run from outside."""

    process: Process | Several
    effects: Effects
    assignment: Assignment
    started: float = field(default_factory=time.monotonic)
    first_effect: float = 0.0
    before: tuple[int, Usage] = (0, Usage(0, 0))
    since: tuple[int, Usage] | None = None
    until: tuple[int, Usage] = (0, Usage(0, 0))
    restarts: int = 0

    def to_the_end(self) -> Ended:
        """Wait until all is done, or nothing happens any more."""
        good = self.assignment.data_set.records - self.assignment.data_set.poison
        seen, changed = (-1, -1, -1), time.monotonic()
        while True:
            time.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            look = (self.effects.published(), self.effects.committed(), self.effects.kept())
            if look != seen:
                seen, changed = look, now
            self._note(look[0], good)
            if ended := self._ended(look, good, now - changed):
                return ended

    def _note(self, published: int, good: int) -> None:
        """Remember time and usage at the first effect and, as long as they come, at the last."""
        if published and not self.first_effect:
            self.first_effect = time.monotonic() - self.started
        if published <= self.assignment.warm_up:
            self.before = (published, self.process.usage())
        elif self.since is None:
            self.since = (published, self.process.usage())
        if self.until[0] < published <= good:
            self.until = (published, self.process.usage())

    def _ended(self, look: tuple[int, int, int], good: int, quiet_seconds: float) -> Ended | None:
        published, committed, kept = look
        at_the_end = committed >= self.assignment.data_set.records
        if at_the_end and published >= good and kept >= good:
            return "finished"
        if at_the_end and quiet_seconds > _QUIET_AT_THE_END_SECONDS:
            return "finished"
        if self.process.has_ended:
            return self._again()
        if time.monotonic() - self.started > _LONGEST_SECONDS:
            return "stays behind"
        patience_seconds = _QUIET_SECONDS if published else _START_SECONDS
        return "stuck" if quiet_seconds > patience_seconds else None

    def _again(self) -> Ended | None:
        """Start it again as a supervisor would, unless it ends every time."""
        if self.restarts == _RESTARTS:
            return "exits"
        self.restarts += 1
        self.process.restart()
        return None


def _run(
    name: str,
    assignment: Assignment,
    effects: Effects,
    watch: Watch,
    end: tuple[Ended, str],
) -> Run:
    decided = effects.decided()
    counted, seconds = span(decided, assignment.warm_up)
    return Run(
        contender=name,
        ended=end[0],
        verdict=judge(assignment.data_set.expected(), effects.documents(), decided),
        records=assignment.data_set.records,
        decided=len(decided),
        dead_letters=effects.dead_letters(),
        seconds=seconds,
        events_per_second=round(counted / seconds, 1) if seconds else 0.0,
        cpu_us_per_event=cpu_us_per_event(watch),
        peak_rss_mb=round(watch.until[1].peak_rss_bytes / 2**20, 1),
        first_effect_seconds=round(watch.first_effect, 2),
        last_words=end[1],
    )


def span(decided: list[Decided], warm_up: int) -> tuple[int, float]:
    """Count the events that the broker stamped after the first that counts, and their seconds.

    The first batch is not counted: what it took is not known.
    """
    if len(decided) <= warm_up:
        return 0, 0.0
    first, last = decided[warm_up].appended_ms, decided[-1].appended_ms
    return sum(each.appended_ms > first for each in decided), (last - first) / 1000


def cpu_us_per_event(watch: Watch) -> float:
    """Tell what an event cost between the first look at effects and the last."""
    if watch.since is None:
        return 0.0
    first, last = watch.since, watch.until
    if last[0] < 2 * first[0] - watch.before[0]:  # over before half of it was seen
        first = watch.before
    used = last[1].cpu_seconds - first[1].cpu_seconds
    # One that was started again has a new count of its own.
    return max(0.0, round(used * 1e6 / max(1, last[0] - first[0]), 1))
