"""MongoDB that dies, stands still, moves, is slow, or has no room."""

import time

from devstack.testing.tcp_line import Line
from devstack.testing.tcp_proxy import GOOD_LINE
from devstack.waiting import wait_until
from tests.faults.environments import (
    disk_of,
    line_of,
    line_to_mongodb,
    mongodb_on_a_small_disk,
    replica_set_of,
    three_mongods,
)
from tests.faults.observe.outage import (
    Applicant,
    Watched,
    expect_ready,
    expect_waiting_for,
    start_all,
)
from tests.faults.run import Run
from tests.faults.scenario import scenario

_STOPPED_SECONDS = 30  # longer than any of the driver's own times
_ELECTION_SECONDS = 60
READERS = ("eligibility", "recognition", "notify")


@scenario("kill -9 of MongoDB", short=0.2)
def kill_mongod(run: Run) -> None:
    start_all(run)
    with Watched(run):
        run.submit(None, per_second=40, recognition_every=5)
        for _ in range(run.count(5, at_least=1)):
            run.pause(1, 3)
            run.measured.faults += 1
            killed_at = time.monotonic()
            run.stack.kill("mongodb")
            run.recover("eligibility", killed_at)
        expect_ready(run)


@scenario("MongoDB paused for 30 s (SIGSTOP)")
def stop_mongod(run: Run) -> None:
    start_all(run)
    applicant = Applicant(run)
    with Watched(run):
        run.submit(None, per_second=40, recognition_every=5)
        run.pause(3, 3)
        with run.fault("eligibility"):
            goes_on_at = time.monotonic() + _STOPPED_SECONDS
            run.stack.pause("mongodb")
            expect_waiting_for(run, "mongodb")
            applicant.expect_refusal_for_now()
            wait_until(lambda: time.monotonic() > goes_on_at, _STOPPED_SECONDS)
            run.stack.resume("mongodb")
        expect_ready(run)
        applicant.expect_acceptance()


@scenario("MongoDB primary steps down (replica set of three)", environment=three_mongods)
def step_down(run: Run) -> None:
    start_all(run)
    replica_set = replica_set_of(run.stack)
    with Watched(run):
        run.submit(None, per_second=40, recognition_every=5)
        for _ in range(2):
            run.pause(2, 4)
            run.measured.faults += 1
            since = time.monotonic()
            replica_set.step_down()
            run.recover("eligibility", since)
            run.eventually(lambda: replica_set.primary() is not None, "there is no primary")
        expect_ready(run)


@scenario("kill -9 of the MongoDB primary (replica set of three)", environment=three_mongods)
def kill_primary(run: Run) -> None:
    start_all(run)
    replica_set = replica_set_of(run.stack)
    with Watched(run):
        run.submit(None, per_second=40, recognition_every=5)
        for _ in range(2):
            run.pause(2, 4)
            run.eventually(
                lambda: replica_set.primary() is not None, "there is no primary", _ELECTION_SECONDS
            )
            run.measured.faults += 1
            since = time.monotonic()
            run.stack.kill(replica_set.primary() or "")
            run.recover("eligibility", since)
        expect_ready(run)


@scenario("MongoDB slow: latency of 0.5 s, then 2 s, on every call", environment=line_to_mongodb)
def slow_mongodb(run: Run) -> None:
    line = line_of(run.stack)
    start_all(run, {"MONGODB_URL": line.mongodb_url})
    with Watched(run):
        run.submit(None, per_second=40, recognition_every=5)
        run.pause(2, 2)
        with run.fault("eligibility"):
            for latency_seconds in (0.5, 2):
                line.become(Line(latency_seconds=latency_seconds))
                run.pause(10, 10)
            line.become(GOOD_LINE)
        expect_ready(run)


@scenario("connections to MongoDB reset, then all packets lost", environment=line_to_mongodb)
def bad_line(run: Run) -> None:
    line = line_of(run.stack)
    start_all(run, {"MONGODB_URL": line.mongodb_url})
    with Watched(run):
        run.submit(None, per_second=40, recognition_every=5)
        for harm in (Line(is_cut=True), Line(is_silent=True)):
            run.pause(2, 2)
            applicant = Applicant(run)
            with run.fault("eligibility"):
                line.become(harm)
                expect_waiting_for(run, "mongodb")
                applicant.expect_refusal_for_now()
                line.become(GOOD_LINE)
            applicant.expect_acceptance()
        expect_ready(run)


@scenario("MongoDB's disk is full", environment=mongodb_on_a_small_disk)
def full_disk(run: Run) -> None:
    start_all(run)
    disk, applicant = disk_of(run.stack.folder), Applicant(run)
    with Watched(run):
        run.submit(None, per_second=40, recognition_every=5)
        run.pause(3, 3)
        with run.fault("eligibility"):
            disk.fill()
            run.eventually(
                lambda: "No space left" in run.stack.log("mongodb"), "the full disk harms nobody"
            )
            # It may answer all the same, and refuse what is to be kept.
            expect_waiting_for(run, "mongodb", "dependency", services=READERS)
            applicant.expect_honesty()
            disk.free()
        expect_ready(run)
        applicant.expect_acceptance()
