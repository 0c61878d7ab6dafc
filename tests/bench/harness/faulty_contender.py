"""The floor's contender, with a fault that BENCH_FAULT names; the harness has to notice it."""

import importlib.util
import os
from uuid import uuid4

from bench.harness.contender import FOLDER

FILE = FOLDER / "confluent-floor" / "main.py"
SPEC = importlib.util.spec_from_file_location("floor", FILE)
floor = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(floor)
keep, publish, decided = floor.keep, floor.publish, floor.work.decided


def keep_most(decisions, documents):
    return keep(decisions, [each for each in documents if hash(each["_id"]) % 100])


def keep_twice(decisions, documents):
    kept = list(keep(decisions, documents))
    decisions.insert_one({**kept[0], "_id": str(uuid4())})
    return kept


def announce_twice(producer, documents):
    publish(producer, documents)
    publish(producer, [{**each, "_id": str(uuid4())} for each in list(documents)[:1]])


def refuse_all(event, value, histories):
    return decided(event, value, histories) | {"outcome": "ineligible", "grant_cents": 0}


FAULTS = {
    "": lambda: None,
    "loses": lambda: setattr(floor, "keep", keep_most),
    "keeps twice": lambda: setattr(floor, "keep", keep_twice),
    "announces twice": lambda: setattr(floor, "publish", announce_twice),
    "decides wrongly": lambda: setattr(floor.work, "decided", refuse_all),
}

if __name__ == "__main__":
    FAULTS[os.environ["BENCH_FAULT"]]()
    floor.main()
