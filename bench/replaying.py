"""Decides applications again and tells how long it took; run by `bench.replay` on one core."""

import sys
import time
from datetime import UTC, datetime
from typing import Any

import orjson
from pydantic import TypeAdapter

from bench.dataset import DataSet
from services.eligibility.handlers import Deciding
from services.eligibility.histories import Histories
from services.eligibility.outlook import Outlooks
from services.eligibility.programme import load_programme
from services.eligibility.rules import decide
from shared.clock import hong_kong_date
from shared.events.envelope import Event
from shared.events.intake import ApplicationSubmitted
from shared.service import tune_garbage_collection


def main(number: int) -> None:
    """Print the seconds of both ways as JSON."""
    values = [message.value for message in DataSet("", number).messages()]
    read = TypeAdapter(ApplicationSubmitted).validate_json
    programme, now = load_programme(), datetime.now(UTC)
    tune_garbage_collection()
    events = [read(value) for value in values]
    started = time.process_time()
    for each in events:
        application: Any = each.application
        decide(application, hong_kong_date(each.received_at), programme)
    rules_seconds = time.process_time() - started
    deciding = Deciding(programme, lambda: now, Histories(), Outlooks(programme))
    started = time.process_time()
    for value in values:
        deciding.fact(Event("", read(value), 0, value))
    from_bytes_seconds = time.process_time() - started
    print(orjson.dumps({"rules": rules_seconds, "from-bytes": from_bytes_seconds}).decode())


if __name__ == "__main__":
    main(int(sys.argv[1]))
