"""Decides applications again and tells how long each stage took; `bench.parts.replay` runs it."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from bench.harness.dataset import DataSet
from services.eligibility.handlers import PARSERS, Decider, announce
from services.eligibility.rules.histories import Histories
from services.eligibility.rules.outlook import Outlooks
from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.rules import decide
from shared.clock import hong_kong_date
from shared.events.envelope import Event
from shared.service.memory import tune_garbage_collection


def measured(values: Sequence[bytes]) -> Iterator[tuple[str, float]]:
    """Yield each stage with its seconds: what `eligibility` does, but for Kafka and MongoDB."""
    read, programme, now = PARSERS["ApplicationSubmitted"], load_programme(), datetime.now(UTC)

    def decide_all(events: Iterable[Any]) -> None:
        for each in events:
            decide(each.application, hong_kong_date(each.received_at), programme)

    decider = Decider(programme, now, Histories(), Outlooks(programme))
    data, seconds = _timed(lambda: [read(value) for value in values])
    yield "read and validate", seconds
    events = [Event("", each, 0, value) for each, value in zip(data, values, strict=True)]
    yield "rules", _timed(lambda: decide_all(data))[1]
    proposals, seconds = _timed(lambda: [decider.fact(each) for each in events])
    yield "decide, with reasons and hash", seconds
    yield "build the event", _timed(lambda: [announce(each) for each in proposals])[1]


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.process_time()
    done = work()
    return done, time.process_time() - started


def main(number: int) -> None:
    """Print the seconds of every stage as JSON."""
    values = [message.value for message in DataSet("", number).messages()]
    tune_garbage_collection()
    print(orjson.dumps(dict(measured(values))).decode())


if __name__ == "__main__":
    main(int(sys.argv[1]))
