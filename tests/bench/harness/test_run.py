import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from confluent_kafka.admin import AdminClient
from pymongo import MongoClient

from bench.harness import monitor as monitor_module
from bench.harness.contender import Contender
from bench.harness.dataset import DataSet
from bench.harness.resources import RunResources, prepare_resources
from bench.harness.run import Workload, run_contender
from bench.harness.stack import BenchmarkStack, client_config

PROGRAM = Path(__file__).with_name("faulty_contender.py")
RECORDS = 600
pytestmark = pytest.mark.timeout(180)


@dataclass(frozen=True)
class Faulty(Contender):
    @property
    def command(self):
        return sys.executable, str(PROGRAM)


@pytest.fixture(scope="module")
def stack(infra, tmp_path_factory):
    admin = AdminClient(client_config(infra.kafka_bootstrap_servers))
    with MongoClient(infra.mongodb_url) as mongo:
        stack = BenchmarkStack(infra, tmp_path_factory.mktemp("bench"), admin, mongo)
        stack.publish_data_set(DataSet("bench-good", RECORDS))
        stack.publish_data_set(DataSet("bench-poisoned", RECORDS, poison_every=500))
        yield stack


@pytest.fixture(autouse=True)
def _short_wait_for_late_effects(monkeypatch):
    monkeypatch.setattr(monitor_module, "_SETTLE_SECONDS", 1.0)


def run_faulty(stack, fault, data_set):
    name = f"bench-{fault.replace(' ', '-') or 'correct'}-{data_set.topic}"
    contender = Faulty(name, "python", "for this test", settings={"BENCH_FAULT": fault})
    resources = RunResources(data_set.topic, name, name, f"{name}.out")
    return run_contender(stack, contender, Workload(data_set, resources))


GOOD = DataSet("bench-good", RECORDS)


def test_a_contender_without_a_fault_gets_a_clean_verdict(stack):
    result = run_faulty(stack, "", GOOD)
    assert result.ended == "finished"
    assert result.verdict.is_clean
    assert result.decided == RECORDS
    assert result.events_per_second > 0
    assert result.peak_rss_mb > 10
    assert result.first_effect_seconds > 0


def test_a_contender_decides_by_the_history_of_a_factory(stack):
    resources = RunResources(GOOD.topic, "bench-known", "bench-known", "bench-known.out")
    assessed, with_case = store_histories(stack, resources)
    contender = Faulty("bench-known", "python", "for this test", settings={"BENCH_FAULT": ""})
    run_contender(stack, contender, Workload(GOOD, resources, redelivered=True))
    assert "repeat-too-early" in reasons(stack, resources, assessed)
    assert "another-case-open" in reasons(stack, resources, with_case)


def store_histories(stack, resources) -> tuple[str, str]:
    """Store a completed assessment and an open case for the factories of two applications."""
    prepare_resources(stack, resources)
    submitted = [orjson.loads(each.value) for each in GOOD.messages()]
    assessed = next(each for each in submitted if each["application"]["stream"] == "assessment")
    with_case = next(each for each in submitted if each["application"]["stream"] == "verification")
    received_at = datetime.fromisoformat(assessed["received_at"])
    database = stack.mongo[resources.database]
    database["completions"].insert_many(
        [
            {
                "_id": f"an application for {stream}, {years} years earlier",
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
            "factory_registration_number": factory_of(with_case),
            "stream": "verification",
            "version": 1,
            "received_at": received_at,
            "decided_at": received_at,
            "ruling_id": None,
            "outcome": "eligible",
            "grant_cents": 1,
        }
    )
    return assessed["application_id"], with_case["application_id"]


def factory_of(submitted) -> str:
    return submitted["application"]["factory"]["registration_number"]


def reasons(stack, resources, application_id) -> list[str]:
    decisions = stack.mongo[resources.database]["decisions"]
    [found] = decisions.find({"application_id": application_id})
    return [each["code"] for each in found["reasons"]]


@pytest.mark.parametrize(
    ("fault", "figure"),
    [
        ("loses", "lost"),
        ("stores twice", "doubled"),
        ("publishes twice", "doubled"),
        ("decides incorrectly", "wrong"),
    ],
)
def test_a_fault_of_a_contender_is_found(stack, fault, figure):
    verdict = run_faulty(stack, fault, GOOD).verdict
    assert getattr(verdict, figure) > 0
    assert not verdict.is_clean


def test_a_contender_that_exits_at_a_bad_record_again_and_again_is_reported(stack):
    result = run_faulty(stack, "", DataSet("bench-poisoned", RECORDS, poison_every=500))
    assert result.ended == "exits"
    assert result.log_tail
    assert result.verdict.lost < RECORDS


def test_a_contender_without_progress_is_reported_as_stuck(stack, monkeypatch):
    monkeypatch.setattr(monitor_module, "_START_TIMEOUT_SECONDS", 2.0)
    idle = RunResources("bench-good", "bench-idle", "bench-idle", "bench-idle.out")
    contender = Idle("bench-idle", "python", "does nothing")
    result = run_contender(stack, contender, Workload(GOOD, idle))
    assert result.ended == "stuck"
    assert result.verdict.lost == RECORDS


@dataclass(frozen=True)
class Idle(Contender):
    @property
    def command(self):
        return sys.executable, "-c", "import signal; signal.pause()"
