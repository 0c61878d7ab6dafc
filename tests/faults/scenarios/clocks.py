"""Clocks that are wrong by hours."""

from datetime import datetime, timedelta
from uuid import uuid4

import orjson

from devstack.testing.shifted_clock import ShiftedClock
from shared.clock import HONG_KONG
from shared.events.envelope import Attributes
from tests.factories import application_body
from tests.faults.observe.history import APPLICATIONS
from tests.faults.observe.outage import ServiceMonitor, expect_ready, start_all
from tests.faults.run import Run
from tests.faults.scenario import scenario

_HOURS = (2, -2, 0)
_AFTER_THE_LAST_DAY = datetime(2015, 4, 1, tzinfo=HONG_KONG)  # of phase 2; the next opens in June
_MILLISECOND = timedelta(milliseconds=1)


def _clock_of(run: Run) -> ShiftedClock:
    return ShiftedClock(run.stack.folder.run / "clock")


@scenario("clocks of all services set to +2 h, then to -2 h, then back")
def shift_all_clocks(run: Run) -> None:
    clock = _clock_of(run)
    start_all(run, through=clock.through())
    with ServiceMonitor(run):
        run.submit(None, per_second=40, recognition_every=5)
        for hours in _HOURS:
            run.sleep(4, 5)  # how long each time is in force
            with run.fault("eligibility"):
                clock.shift(hours)
        expect_ready(run)


@scenario("clock of eligibility set to +2 h and -2 h at an application deadline", short=1.0)
def shift_clock_at_a_deadline(run: Run) -> None:
    """Whether an application is late depends on when it was received, not on the current time."""
    clock = _clock_of(run)
    run.start("eligibility", through=clock.through())
    late: dict[str, bool] = {}
    for hours in _HOURS:
        with run.fault("eligibility"):
            clock.shift(hours)
            for _ in range(run.count(20)):
                late[_write_application(run, _AFTER_THE_LAST_DAY)] = True
                late[_write_application(run, _AFTER_THE_LAST_DAY - _MILLISECOND)] = False
    run.expect_eventually(
        lambda: run.progress.effects("eligibility") == len(late),
        "not every application was decided",
    )
    for document in run.progress.mongo.eligibility.decisions.find():
        refused = "no-open-phase" in {each["code"] for each in document["reasons"]}
        application_id = document["application_id"]
        run.expect(refused == late[application_id], f"{application_id}: decided by the wrong time")


def _write_application(run: Run, at: datetime) -> str:
    application_id = str(uuid4())
    value = {
        "application_id": application_id,
        "version": 1,
        "received_at": at,
        "application": application_body("assessment"),
    }
    headers = Attributes("ApplicationSubmitted", str(uuid4()), "intake", application_id, at)
    run.kafka.write(APPLICATIONS, orjson.dumps(value), headers.headers(), application_id.encode())
    run.ledger.accept(application_id, 1, "eligibility")
    return application_id
