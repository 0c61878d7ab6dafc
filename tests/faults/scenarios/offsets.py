"""Records that are deleted before their consumer has read them."""

import json
import sys
from uuid import uuid4

from devstack.testing.service_process import ServiceProcess
from tests.faults.observe.history import APPLICATIONS
from tests.faults.observe.service_client import request
from tests.faults.run import Run
from tests.faults.scenario import scenario

_REASON = "offset-out-of-range"
_STOPPED = (
    f'cppp_consumer_stopped{{group="eligibility",reason="{_REASON}",service="eligibility"}} 1.0'
)


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
    run.expect_eventually(
        lambda: _contains(eligibility, "/readyz", _REASON), "/readyz does not report the gap"
    )
    run.expect_eventually(
        lambda: _contains(eligibility, "/metrics", _STOPPED), "no metric reports the gap"
    )
    run.expect(request(eligibility.url, "/readyz")[0] == 503, "the service is ready")
    run.expect(request(eligibility.url, "/livez")[0] == 200, "the service is not alive")
    now = run.kafka.committed("eligibility", APPLICATIONS)
    run.expect(now == committed, f"committed {now} instead of {committed}")
    run.processes.clear()  # the rest is left to an operator, so the run must not wait for it


def _write_unknown_events(run: Run) -> None:
    """Write events of an unknown type, which services skip: they have no effects."""
    for _ in range(run.count(50)):
        headers = [("ce_type", b"SomethingNew"), ("ce_id", str(uuid4()).encode())]
        run.kafka.write(APPLICATIONS, b"{}", headers, str(uuid4()).encode())


def _contains(process: ServiceProcess, path: str, words: str) -> bool:
    answer = request(process.url, path)[2]
    return words in (answer if isinstance(answer, str) else json.dumps(answer))
