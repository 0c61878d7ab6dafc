import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from confluent_kafka.admin import AdminClient
from pymongo import MongoClient

from bench.harness import run as run_module
from bench.harness.contender import Contender
from bench.harness.dataset import DataSet
from bench.harness.effects import Places
from bench.harness.run import Assignment, make_room, run
from bench.harness.stack import Station, kafka_client

PROGRAM = Path(__file__).with_name("faulty_contender.py")
RECORDS = 600
pytestmark = pytest.mark.timeout(180)


@dataclass(frozen=True)
class Faulty(Contender):
    @property
    def command(self):
        return sys.executable, str(PROGRAM)


@pytest.fixture(scope="module")
def station(infra, tmp_path_factory):
    admin = AdminClient(kafka_client(infra.kafka_bootstrap_servers))
    with MongoClient(infra.mongodb_url) as mongo:
        made = Station(infra, tmp_path_factory.mktemp("bench"), admin, mongo)
        made.fill(DataSet("bench-good", RECORDS))
        made.fill(DataSet("bench-poisoned", RECORDS, poison_every=500))
        yield made


@pytest.fixture(autouse=True)
def _do_not_wait_long_for_what_will_not_come(monkeypatch):
    monkeypatch.setattr(run_module, "_QUIET_AT_THE_END_SECONDS", 1.0)


def let_run(station, fault, data_set):
    name = f"bench-{fault.replace(' ', '-') or 'right'}-{data_set.topic}"
    contender = Faulty(name, "python", "for this test", settings={"BENCH_FAULT": fault})
    places = Places(data_set.topic, name, name, f"{name}.out")
    return run(station, contender, Assignment(data_set, places))


GOOD = DataSet("bench-good", RECORDS)


def test_a_contender_that_does_everything_once_and_rightly_is_clean(station):
    found = let_run(station, "", GOOD)
    assert found.ended == "finished"
    assert found.verdict.is_clean
    assert found.decided == RECORDS
    assert found.events_per_second > 0
    assert found.peak_rss_mb > 10
    assert found.first_effect_seconds > 0


def test_a_contender_decides_by_what_is_kept_about_a_factory(station):
    places = Places(GOOD.topic, "bench-known", "bench-known", "bench-known.out")
    assessed, has_a_case = keep_something_about_two_factories(station, places)
    contender = Faulty("bench-known", "python", "for this test", settings={"BENCH_FAULT": ""})
    run(station, contender, Assignment(GOOD, places, again=True))
    assert "repeat-too-early" in reasons(station, places, assessed)
    assert "another-case-open" in reasons(station, places, has_a_case)


def keep_something_about_two_factories(station, places) -> tuple[str, str]:
    """Let the factories of two applications have a completed assessment, and an open case."""
    make_room(station, places)
    submitted = [orjson.loads(each.value) for each in GOOD.messages()]
    assessed = next(each for each in submitted if each["application"]["stream"] == "assessment")
    has_a_case = next(each for each in submitted if each["application"]["stream"] == "verification")
    received_at = datetime.fromisoformat(assessed["received_at"])
    database = station.mongo[places.database]
    database["completions"].insert_many(
        [
            {
                "_id": f"an application for {stream} {years} years earlier",
                "stream": stream,
                "factory_registration_number": factory_of(assessed),
                "completed_on": (received_at - timedelta(days=365 * years)).date().isoformat(),
                "report_approved": True,
                "recommended_measures": ["Heat recovery"],
            }
            for stream, years in (("assessment", 1), ("assessment", 9), ("verification", 8))
        ]
    )
    database["decisions"].insert_one(
        {
            "_id": "another application:1",
            "application_id": "another application",
            "factory_registration_number": factory_of(has_a_case),
            "stream": "verification",
            "version": 1,
            "received_at": received_at,
            "decided_at": received_at,
            "ruling_id": None,
            "outcome": "eligible",
            "grant_cents": 1,
        }
    )
    return assessed["application_id"], has_a_case["application_id"]


def factory_of(submitted) -> str:
    return submitted["application"]["factory"]["registration_number"]


def reasons(station, places, application_id) -> list[str]:
    decisions = station.mongo[places.database]["decisions"]
    [found] = decisions.find({"application_id": application_id})
    return [each["code"] for each in found["reasons"]]


@pytest.mark.parametrize(
    ("fault", "figure"),
    [
        ("loses", "lost"),
        ("keeps twice", "doubled"),
        ("announces twice", "doubled"),
        ("decides wrongly", "wrong"),
    ],
)
def test_a_contender_with_a_fault_is_caught(station, fault, figure):
    verdict = let_run(station, fault, GOOD).verdict
    assert getattr(verdict, figure) > 0
    assert not verdict.is_clean


def test_a_contender_that_ends_at_poison_is_restarted_and_then_told_as_ending(station):
    found = let_run(station, "", DataSet("bench-poisoned", RECORDS, poison_every=500))
    assert found.ended == "exits"
    assert "ValidationError" in found.last_words or found.last_words
    assert found.verdict.lost < RECORDS


def test_a_contender_that_does_nothing_is_told_as_stuck(station, monkeypatch):
    monkeypatch.setattr(run_module, "_START_SECONDS", 2.0)
    idle = Places("bench-good", "bench-idle", "bench-idle", "bench-idle.out")
    contender = Idle("bench-idle", "python", "does nothing")
    found = run(station, contender, Assignment(GOOD, idle))
    assert found.ended == "stuck"
    assert found.verdict.lost == RECORDS


@dataclass(frozen=True)
class Idle(Contender):
    @property
    def command(self):
        return sys.executable, "-c", "import signal; signal.pause()"
