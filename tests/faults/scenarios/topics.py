"""Topics with duplicates, events out of order, and records that no consumer can read."""

from typing import Any
from uuid import uuid4

from devstack.testing.service_process import ServiceProcess
from tests.faults.load.plan import applications
from tests.faults.observe.history import APPLICATIONS
from tests.faults.observe.service_client import metric, request, waiting_for
from tests.faults.run import Run
from tests.faults.scenario import scenario

SUBMITTED = ("ce_type", b"ApplicationSubmitted")
UNREADABLE = [
    (b'{"application_id": ', [SUBMITTED]),
    (b"[]", [SUBMITTED]),
    (b"{}", [SUBMITTED, ("ce_source", b"\xff\xfe")]),
    (b'{"application_id": 7, "version": "one"}', [SUBMITTED]),
    (None, [SUBMITTED]),
    (b"\x00\xff" * 50_000, [SUBMITTED]),
]
NO_BREAKER = {"CONSUMER_DEAD_LETTERS_IN_A_ROW": "10000", "CONSUMER_DEAD_LETTER_SHARE": "1"}
LIMIT = 100  # in a row; each subscriber of a process may have a batch in flight
BREAKER = "dead-letter-breaker"
_SECONDS = 10.0


@scenario("every event delivered three times, amendments out of order")
def duplicates_and_reordering(run: Run) -> None:
    services = [run.start(name) for name in ("eligibility", "recognition", "notify")]
    writer = run.writer(applications(run.count(600), recognition_every=5), per_second=300)
    writer.times, writer.reversed, writer.with_contacts = 3, True, True
    run.measured.faults += 2
    run.load(writer)
    run.settle()
    _expect_newest_decided_last(run, services[0])


def _expect_newest_decided_last(run: Run, eligibility: ServiceProcess) -> None:
    newest: dict[str, int] = {}
    for version, service in run.ledger.accepted:
        if service == "eligibility":
            newest[version.application_id] = max(
                version.number, newest.get(version.application_id, 0)
            )
    for application_id, number in list(newest.items())[:100]:
        decisions = _decisions(eligibility, application_id)
        run.expect(
            decisions[-1]["version"] == number,
            f"{application_id}: the last decision is on an old version",
        )


def _decisions(eligibility: ServiceProcess, application_id: str) -> Any:
    path = f"/v1/decisions/{application_id}"
    return request(eligibility.url, path, timeout_seconds=_SECONDS)[2]


@scenario("one record in 500 is unreadable (poison pill)")
def poison_pills(run: Run) -> None:
    run.start("eligibility")
    run.start("recognition")
    count = run.count(10_000)
    run.write(count, per_second=1_000, recognition_every=5)
    for number in range(count // 500):
        write_poison_pill(run, number, "eligibility", "recognition")
        run.sleep(0.3, 0.5)


def write_poison_pill(run: Run, number: int, *groups: str) -> None:
    """Write a record that each of these groups must publish as a dead letter."""
    value, headers = UNREADABLE[number % len(UNREADABLE)]
    run.measured.faults += 1
    run.ledger.expect_dead_letter(value, *groups)
    run.kafka.write(APPLICATIONS, value, headers, key=str(uuid4()).encode())


@scenario("only poison pills: the breaker stops the consumer")
def only_poison_pills(run: Run) -> None:
    eligibility = run.start("eligibility")
    run.write(run.count(500), per_second=500)
    run.settle()
    for number in range(5 * LIMIT):
        write_poison_pill(run, number, "eligibility")
    expect_stopped(run, eligibility)
    eligibility.terminate()
    with run.fault("eligibility"):
        run.write(run.count(500), per_second=500)
        run.start("eligibility", NO_BREAKER)


def expect_stopped(run: Run, process: ServiceProcess) -> None:
    """Expect that the consumer stops and reports it, after a limited number of dead letters."""
    run.measured.faults += 1
    run.expect_eventually(
        lambda: BREAKER in waiting_for(process), "the breaker did not stop the consumer"
    )
    stopped = metric(process, "cppp_consumer_stopped", f'reason="{BREAKER}"')
    run.expect(stopped == 1, f"cppp_consumer_stopped is {stopped:.0f}")
    dead_letters = len(run.kafka.read("eligibility.dead-letters.v1"))
    run.expect(dead_letters <= 2 * LIMIT, f"{dead_letters} dead letters before the stop")
    run.expect(run.progress.lag("eligibility"), "the stopped consumer has committed everything")
    run.measure(f"dead letters before the stop: {dead_letters}")
