"""The contender `confluent-floor` with the fault in BENCH_FAULT, which the harness must find."""

import importlib.util
import os
from uuid import uuid4

from bench.harness.contender import CONTENDERS_FOLDER

FILE = CONTENDERS_FOLDER / "confluent-floor" / "main.py"
SPEC = importlib.util.spec_from_file_location("floor", FILE)
floor = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(floor)
keep, publish, decide = floor.keep, floor.publish, floor.work.decide


def store_most(decisions, documents):
    return keep(decisions, [each for each in documents if hash(each["_id"]) % 100])


def store_twice(decisions, documents):
    stored = list(keep(decisions, documents))
    decisions.insert_one({**stored[0], "_id": str(uuid4())})
    return stored


def publish_twice(producer, documents):
    publish(producer, documents)
    publish(producer, [{**each, "_id": str(uuid4())} for each in list(documents)[:1]])


def refuse_all(event, value, histories):
    return decide(event, value, histories) | {"outcome": "ineligible", "grant_cents": 0}


FAULTS = {
    "": lambda: None,
    "loses": lambda: setattr(floor, "keep", store_most),
    "stores twice": lambda: setattr(floor, "keep", store_twice),
    "publishes twice": lambda: setattr(floor, "publish", publish_twice),
    "decides incorrectly": lambda: setattr(floor.work, "decide", refuse_all),
}

if __name__ == "__main__":
    FAULTS[os.environ["BENCH_FAULT"]]()
    floor.main()
