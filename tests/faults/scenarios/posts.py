"""Many posts of the same thing at the same moment."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from tests.faults.load.plan import CONTACT, Planned
from tests.faults.load.submitting import TRY_AGAIN, Line
from tests.faults.run import Run
from tests.faults.scenario import scenario

AT_ONCE = 100
ACCEPTED, REUSED = 202, 422
ROUNDS = 5


@scenario("100 concurrent POSTs with one idempotency key, to two instances", short=0.4)
def one_key(run: Run) -> None:
    urls = [run.start("intake").url for _ in range(2)]
    with ThreadPoolExecutor(AT_ONCE) as clients:
        for number in range(run.count(ROUNDS)):
            _post_at_once(run, urls, clients, Planned(number, "new-technology", 0))


def _post_at_once(run: Run, urls: list[str], clients: ThreadPoolExecutor, planned: Planned) -> None:
    key, body = str(uuid4()), planned.body(1)
    together = threading.Barrier(AT_ONCE)

    def post(client: int) -> str:
        line = Line(lambda: urls, client)
        together.wait()
        status, answer = _insist(line, body, key)
        run.expect(status == ACCEPTED, f"one of many was answered {status}")
        return str(json.loads(answer).get("application_id"))

    run.measured.faults += 1
    ids = set(clients.map(post, range(AT_ONCE)))
    run.expect(len(ids) == 1, f"one key led to {len(ids)} applications")
    run.ledger.accept(ids.pop(), 1, "eligibility")
    status, _ = _insist(Line(lambda: urls, 0), planned.body(2), key)
    run.expect(status == REUSED, f"another body under the same key was answered {status}")


def _insist(line: Line, application: dict[str, Any], key: str) -> tuple[int, bytes]:
    """Post until there is a final answer: while the first is in progress there is none."""
    content = json.dumps({"application": application, "contact": CONTACT}).encode()
    while True:
        status, answer = line.ask("POST", "/v1/applications", content, key)
        if status and status not in TRY_AGAIN:
            line.close()
            return status, answer
