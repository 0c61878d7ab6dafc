"""Many concurrent POSTs of one application."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from tests.faults.load.plan import CONTACT, Planned
from tests.faults.load.submitter import RETRYABLE, IntakeConnection
from tests.faults.run import Run
from tests.faults.scenario import scenario

CONCURRENT = 100
ACCEPTED, KEY_REUSED = 202, 422
ROUNDS = 5


@scenario("100 concurrent POSTs with one idempotency key, to two instances", short=0.4)
def one_key(run: Run) -> None:
    urls = [run.start("intake").url for _ in range(2)]
    with ThreadPoolExecutor(CONCURRENT) as clients:
        for number in range(run.count(ROUNDS)):
            _post_concurrently(run, urls, clients, Planned(number, "new-technology", 0))


def _post_concurrently(
    run: Run, urls: list[str], clients: ThreadPoolExecutor, planned: Planned
) -> None:
    key, body = str(uuid4()), planned.body(1)
    barrier = threading.Barrier(CONCURRENT)

    def post_first(client: int) -> str:
        connection = IntakeConnection(lambda: urls, client)
        barrier.wait()
        status, answer = _post(connection, body, key)
        run.expect(status == ACCEPTED, f"a concurrent POST was answered {status}")
        return str(json.loads(answer).get("application_id"))

    run.measured.faults += 1
    ids = set(clients.map(post_first, range(CONCURRENT)))
    run.expect(len(ids) == 1, f"one key created {len(ids)} applications")
    run.ledger.accept(ids.pop(), 1, "eligibility")
    status, _ = _post(IntakeConnection(lambda: urls, 0), planned.body(2), key)
    run.expect(status == KEY_REUSED, f"another body under the same key was answered {status}")


def _post(connection: IntakeConnection, application: dict[str, Any], key: str) -> tuple[int, bytes]:
    """Post until the answer is final; while the key is in use by another request it is 409."""
    content = json.dumps({"application": application, "contact": CONTACT}).encode()
    while True:
        status, answer = connection.request("POST", "/v1/applications", content, key)
        if status and status not in RETRYABLE:
            connection.close()
            return status, answer
