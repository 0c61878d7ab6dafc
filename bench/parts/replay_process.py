"""Decides applications again, and prints the CPU time of each stage; `replay` starts it."""

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


def stage_seconds(values: Sequence[bytes]) -> Iterator[tuple[str, float]]:
    """Yield the CPU seconds of each stage of `eligibility`, without Kafka and MongoDB."""
    parse, programme, now = PARSERS["ApplicationSubmitted"], load_programme(), datetime.now(UTC)

    def decide_all(submitted: Iterable[Any]) -> None:
        for each in submitted:
            decide(each.application, hong_kong_date(each.received_at), programme)

    decider = Decider(programme, now, Histories(), Outlooks(programme))
    data, seconds = _cpu_time(lambda: [parse(value) for value in values])
    yield "read and validate", seconds
    events = [Event("", each, 0, value) for each, value in zip(data, values, strict=True)]
    yield "rules", _cpu_time(lambda: decide_all(data))[1]
    proposals, seconds = _cpu_time(lambda: [decider.fact(each) for each in events])
    yield "decide, with reasons and hash", seconds
    yield "build the event", _cpu_time(lambda: [announce(each) for each in proposals])[1]


def _cpu_time(function: Callable[[], Any]) -> tuple[Any, float]:
    """Return the result of a function and its CPU seconds."""
    started = time.process_time()
    result = function()
    return result, time.process_time() - started


def main(applications: int) -> None:
    """Print the seconds of every stage as JSON."""
    values = [message.value for message in DataSet("", applications).messages()]
    tune_garbage_collection()
    print(orjson.dumps(dict(stage_seconds(values))).decode())


if __name__ == "__main__":
    main(int(sys.argv[1]))
