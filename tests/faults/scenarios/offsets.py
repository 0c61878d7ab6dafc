"""Records that are gone before their reader has come to them, and offsets of another topic."""

import json
import sys
from uuid import uuid4

from devstack.testing.service_process import ServiceProcess
from tests.faults.observe.history import APPLICATIONS
from tests.faults.observe.outage import ask
from tests.faults.run import Run
from tests.faults.scenario import scenario

_GONE = "offset-out-of-range"
_ANOTHER_TOPIC = "offset-of-another-topic"


@scenario("records deleted beyond a committed offset", short=1.0)
def delete_unread_records(run: Run) -> None:
    """A gap must be seen by a person: the consumer stops, and neither jumps nor commits."""
    eligibility = run.start("eligibility")
    _write_something(run)
    run.eventually(lambda: run.progress.undone(["eligibility"]) == 0, "what it skips stays unread")
    eligibility.terminate()
    run.measured.faults += 1
    committed = run.kafka.committed("eligibility", APPLICATIONS)
    _write_something(run)
    run.kafka.delete_before(APPLICATIONS, sys.maxsize)
    run.stack.begin_program(eligibility.name)
    _expect_stopped(run, eligibility, _GONE)
    now = run.kafka.committed("eligibility", APPLICATIONS)
    run.expect(now == committed, f"it has committed {now} instead of {committed}")
    run.processes.clear()  # what is left is a person's to do


@scenario("a topic made anew that reaches past the old position", short=1.0)
def make_topic_anew(run: Run) -> None:
    """The offsets look right and mean other records: while the service runs, and when it starts."""
    eligibility = run.start("eligibility")
    _write_something(run)
    run.eventually(lambda: run.progress.undone(["eligibility"]) == 0, "what it skips stays unread")
    commits = run.kafka.commits("eligibility", APPLICATIONS)
    _make_anew(run)
    _expect_stopped(run, eligibility, _ANOTHER_TOPIC)
    eligibility.terminate()
    _make_anew(run)
    run.kafka.commit("eligibility", APPLICATIONS, commits)  # Kafka may have deleted them
    run.stack.begin_program(eligibility.name)
    _expect_stopped(run, eligibility, _ANOTHER_TOPIC)
    now = run.kafka.commits("eligibility", APPLICATIONS)
    run.expect(now == commits, f"it has committed {now} instead of {commits}")
    run.kafka.delete_before(APPLICATIONS, sys.maxsize)  # nothing was ever submitted
    run.processes.clear()  # what is left is a person's to do


def _make_anew(run: Run) -> None:
    """Delete the topic and create it again, with more records than it had."""
    run.measured.faults += 1
    run.kafka.delete_topic(APPLICATIONS)
    run.eventually(lambda: APPLICATIONS not in run.kafka.topics(), "the topic was not deleted")
    run.provide_topics()
    run.eventually(lambda: APPLICATIONS in run.kafka.topics(), "the topic was not made anew")
    for _ in range(4):
        _write_something(run)


def _expect_stopped(run: Run, eligibility: ServiceProcess, reason: str) -> None:
    """Expect that the consumer has stopped for a reason, says so, and lives."""
    labels = f'group="eligibility",reason="{reason}",service="eligibility"'
    stopped = f"cppp_consumer_stopped{{{labels}}} 1.0"
    run.eventually(lambda: _says(eligibility, "/readyz", reason), f"/readyz does not say {reason}")
    run.eventually(lambda: _says(eligibility, "/metrics", stopped), f"no metric says {reason}")
    run.expect(ask(eligibility.url, "/readyz")[0] == 503, "it is ready all the same")
    run.expect(ask(eligibility.url, "/livez")[0] == 200, "it does not live")


def _write_something(run: Run) -> None:
    """Write events of a type that nobody knows yet: they are skipped, and nothing comes of them."""
    for _ in range(run.count(50)):
        headers = [("ce_type", b"SomethingNew"), ("ce_id", str(uuid4()).encode())]
        run.kafka.write(APPLICATIONS, b"{}", headers, str(uuid4()).encode())


def _says(process: ServiceProcess, path: str, words: str) -> bool:
    answer = ask(process.url, path)[2]
    return words in (answer if isinstance(answer, str) else json.dumps(answer))
