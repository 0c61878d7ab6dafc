"""Records that are gone before their reader has come to them."""

import json
import sys
from uuid import uuid4

from devstack.testing.service_process import ServiceProcess
from tests.faults.observe.history import APPLICATIONS
from tests.faults.observe.outage import ask
from tests.faults.run import Run
from tests.faults.scenario import scenario

_REASON = "offset-out-of-range"
_STOPPED = (
    f'cppp_consumer_stopped{{group="eligibility",reason="{_REASON}",service="eligibility"}} 1.0'
)


@scenario("unread records deleted: the committed offset is out of range", short=1.0)
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
    run.eventually(lambda: _says(eligibility, "/readyz", _REASON), "/readyz does not tell the gap")
    run.eventually(lambda: _says(eligibility, "/metrics", _STOPPED), "no metric tells the gap")
    run.expect(ask(eligibility.url, "/readyz")[0] == 503, "it is ready all the same")
    run.expect(ask(eligibility.url, "/livez")[0] == 200, "it does not live")
    now = run.kafka.committed("eligibility", APPLICATIONS)
    run.expect(now == committed, f"it has committed {now} instead of {committed}")
    run.processes.clear()  # what is left is a person's to do


def _write_something(run: Run) -> None:
    """Write events of a type that nobody knows yet: they are skipped, and nothing comes of them."""
    for _ in range(run.count(50)):
        headers = [("ce_type", b"SomethingNew"), ("ce_id", str(uuid4()).encode())]
        run.kafka.write(APPLICATIONS, b"{}", headers, str(uuid4()).encode())


def _says(process: ServiceProcess, path: str, words: str) -> bool:
    answer = ask(process.url, path)[2]
    return words in (answer if isinstance(answer, str) else json.dumps(answer))
