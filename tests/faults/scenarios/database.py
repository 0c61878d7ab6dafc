"""MongoDB crashes, freezes, fails over, is slow, is unreachable or runs out of disk."""

import time

from devstack.testing.small_disk import SmallDisk
from devstack.testing.tcp_line import Line
from devstack.testing.tcp_proxy import GOOD_LINE
from tests.faults.environments import (
    disk_of,
    mongodb_on_a_small_disk,
    proxied_mongodb,
    proxy_of,
    replica_set_of,
    three_mongods,
)
from tests.faults.observe.outage import (
    Applicant,
    ServiceMonitor,
    expect_ready,
    expect_waiting_for,
    start_all,
)
from tests.faults.run import Run
from tests.faults.scenario import scenario

_PAUSE_SECONDS = 30  # longer than every time-out of the driver
_ELECTION_SECONDS = 60
_UNREAD = 40  # applications: one in five is a candidacy
CONSUMERS = ("eligibility", "recognition", "notify")


@scenario("kill -9 of MongoDB", short=0.2)
def kill_mongod(run: Run) -> None:
    start_all(run)
    with ServiceMonitor(run):
        run.submit(None, per_second=40, recognition_every=5)
        for _ in range(run.count(5, at_least=1)):
            run.sleep(1, 3)
            run.measured.faults += 1
            killed_at = time.monotonic()
            run.stack.kill("mongodb")
            run.measure_recovery("eligibility", killed_at)
        expect_ready(run)


@scenario("MongoDB paused for 30 s (SIGSTOP)")
def pause_mongod(run: Run) -> None:
    start_all(run)
    applicant = Applicant(run)
    with ServiceMonitor(run):
        run.submit(None, per_second=40, recognition_every=5)
        run.wait_for_effects("eligibility")
        with run.fault("eligibility"):
            resume_at = time.monotonic() + _PAUSE_SECONDS
            run.stack.pause("mongodb")
            expect_waiting_for(run, "mongodb")
            applicant.expect_503()
            time.sleep(max(0.0, resume_at - time.monotonic()))  # the rest of the pause
            run.stack.resume("mongodb")
        expect_ready(run)
        applicant.expect_202()


@scenario("MongoDB primary steps down (replica set of three)", environment=three_mongods)
def step_down(run: Run) -> None:
    start_all(run)
    replica_set = replica_set_of(run.stack)
    with ServiceMonitor(run):
        run.submit(None, per_second=40, recognition_every=5)
        for _ in range(2):
            run.sleep(2, 4)
            run.measured.faults += 1
            since = time.monotonic()
            replica_set.step_down()
            run.measure_recovery("eligibility", since)
            run.expect_eventually(
                lambda: replica_set.primary() is not None, "no primary was elected"
            )
        expect_ready(run)


@scenario("kill -9 of the MongoDB primary (replica set of three)", environment=three_mongods)
def kill_primary(run: Run) -> None:
    start_all(run)
    replica_set = replica_set_of(run.stack)
    with ServiceMonitor(run):
        run.submit(None, per_second=40, recognition_every=5)
        for _ in range(2):
            run.sleep(2, 4)
            run.expect_eventually(
                lambda: replica_set.primary() is not None,
                "no primary was elected",
                _ELECTION_SECONDS,
            )
            run.measured.faults += 1
            since = time.monotonic()
            run.stack.kill(replica_set.primary() or "")
            run.measure_recovery("eligibility", since)
        expect_ready(run)


@scenario("MongoDB slow: latency of 0.5 s, then 2 s, on every call", environment=proxied_mongodb)
def slow_mongodb(run: Run) -> None:
    proxy = proxy_of(run.stack)
    start_all(run, {"MONGODB_URL": proxy.mongodb_url})
    with ServiceMonitor(run):
        run.submit(None, per_second=40, recognition_every=5)
        run.wait_for_effects("eligibility")
        with run.fault("eligibility"):
            for latency_seconds in (0.5, 2):
                proxy.become(Line(latency_seconds=latency_seconds))
                run.sleep(10, 10)  # how long the calls are slow
            proxy.become(GOOD_LINE)
        expect_ready(run)


@scenario("connections to MongoDB reset, then all packets lost", environment=proxied_mongodb)
def broken_connections(run: Run) -> None:
    proxy = proxy_of(run.stack)
    start_all(run, {"MONGODB_URL": proxy.mongodb_url})
    with ServiceMonitor(run):
        run.submit(None, per_second=40, recognition_every=5)
        for fault in (Line(is_cut=True), Line(is_silent=True)):
            run.wait_for_effects("eligibility")
            applicant = Applicant(run)
            with run.fault("eligibility"):
                proxy.become(fault)
                expect_waiting_for(run, "mongodb")
                applicant.expect_503()
                proxy.become(GOOD_LINE)
            applicant.expect_202()
        expect_ready(run)


@scenario("MongoDB's disk is full", environment=mongodb_on_a_small_disk)
def full_disk(run: Run) -> None:
    start_all(run)
    disk, applicant = disk_of(run.stack.folder), Applicant(run)
    run.submit(None, per_second=40, recognition_every=5)
    run.wait_for_effects("eligibility")
    with run.fault("eligibility"):
        _fill_while_consumers_are_behind(run, disk)
        with ServiceMonitor(run):
            run.expect_eventually(
                lambda: "No space left" in run.stack.log("mongodb"),
                "the full disk has no effect on MongoDB",
            )
            # MongoDB may still respond and refuse only writes; services then report "dependency".
            expect_waiting_for(run, "mongodb", "dependency", services=CONSUMERS)
            applicant.expect_202_or_503()
            disk.free()
            expect_ready(run)
    applicant.expect_202()


def _fill_while_consumers_are_behind(run: Run, disk: SmallDisk) -> None:
    """Leave every consumer something to store: on a full disk intake accepts nothing more."""
    consumers = [each for name in CONSUMERS for each in run.processes[name]]
    for each in consumers:
        each.pause()
    wanted = len(run.ledger.accepted) + _UNREAD
    run.expect_eventually(lambda: len(run.ledger.accepted) >= wanted, "nothing is accepted")
    disk.fill()
    for each in consumers:
        each.resume()
