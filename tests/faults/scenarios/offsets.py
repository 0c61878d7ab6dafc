"""Records that are deleted before their consumer has read them, and offsets of another topic."""

import json
import sys
from uuid import uuid4

from devstack.testing.service_process import ServiceProcess
from tests.faults.observe.history import APPLICATIONS
from tests.faults.observe.service_client import request
from tests.faults.run import Run
from tests.faults.scenario import scenario

_GONE = "offset-out-of-range"
_ANOTHER_TOPIC = "offset-of-another-topic"


@scenario("unread records deleted: the committed offset is out of range", short=1.0)
def delete_unread_records(run: Run) -> None:
    """An operator must decide about the gap: the consumer stops, without skipping or committing."""
    eligibility = run.start("eligibility")
    _write_unknown_events(run)
    run.expect_eventually(
        lambda: run.progress.undone(["eligibility"]) == 0, "skipped events were not committed"
    )
    eligibility.terminate()
    run.measured.faults += 1
    committed = run.kafka.committed("eligibility", APPLICATIONS)
    _write_unknown_events(run)
    run.kafka.delete_before(APPLICATIONS, sys.maxsize)
    run.stack.begin_program(eligibility.name)
    _expect_stopped(run, eligibility, _GONE)
    now = run.kafka.committed("eligibility", APPLICATIONS)
    run.expect(now == committed, f"committed {now} instead of {committed}")
    run.processes.clear()  # the rest is left to an operator, so the run must not wait for it


@scenario("topic deleted and created again with more records than it had", short=1.0)
def make_topic_anew(run: Run) -> None:
    """The offsets look right and mean other records: while the service runs, and when it starts."""
    eligibility = run.start("eligibility")
    _write_unknown_events(run)
    run.expect_eventually(
        lambda: run.progress.undone(["eligibility"]) == 0, "skipped events were not committed"
    )
    commits = run.kafka.commits("eligibility", APPLICATIONS)
    _make_anew(run)
    _expect_stopped(run, eligibility, _ANOTHER_TOPIC)
    eligibility.terminate()
    _make_anew(run)
    run.kafka.commit("eligibility", APPLICATIONS, commits)  # Kafka may have deleted them
    run.stack.begin_program(eligibility.name)
    _expect_stopped(run, eligibility, _ANOTHER_TOPIC)
    now = run.kafka.commits("eligibility", APPLICATIONS)
    run.expect(now == commits, f"committed {now} instead of {commits}")
    run.kafka.delete_before(APPLICATIONS, sys.maxsize)  # nothing was ever submitted
    run.processes.clear()  # the rest is left to an operator, so the run must not wait for it


def _make_anew(run: Run) -> None:
    """Delete the topic and create it again, with more records than it had."""
    run.measured.faults += 1
    run.kafka.delete_topic(APPLICATIONS)
    run.expect_eventually(
        lambda: APPLICATIONS not in run.kafka.topics(), "the topic was not deleted"
    )
    run.provide_topics()
    run.expect_eventually(lambda: APPLICATIONS in run.kafka.topics(), "the topic was not made anew")
    for _ in range(4):
        _write_unknown_events(run)


def _expect_stopped(run: Run, eligibility: ServiceProcess, reason: str) -> None:
    """Expect that the consumer has stopped for a reason, says so, and lives."""
    labels = f'group="eligibility",reason="{reason}",service="eligibility"'
    stopped = f"cppp_consumer_stopped{{{labels}}} 1.0"
    run.expect_eventually(
        lambda: _contains(eligibility, "/readyz", reason), f"/readyz does not say {reason}"
    )
    run.expect_eventually(
        lambda: _contains(eligibility, "/metrics", stopped), f"no metric says {reason}"
    )
    run.expect(request(eligibility.url, "/readyz")[0] == 503, "it is ready all the same")
    run.expect(request(eligibility.url, "/livez")[0] == 200, "it does not live")


def _write_unknown_events(run: Run) -> None:
    """Write events of an unknown type, which services skip: they have no effects."""
    for _ in range(run.count(50)):
        headers = [("ce_type", b"SomethingNew"), ("ce_id", str(uuid4()).encode())]
        run.kafka.write(APPLICATIONS, b"{}", headers, str(uuid4()).encode())


def _contains(process: ServiceProcess, path: str, words: str) -> bool:
    answer = request(process.url, path)[2]
    return words in (answer if isinstance(answer, str) else json.dumps(answer))
