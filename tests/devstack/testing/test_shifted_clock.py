"""A program whose clock jumps while it runs."""

import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from devstack.stack.program import PROJECT, Program
from devstack.stack.stack import Stack
from devstack.testing.shifted_clock import ShiftedClock
from devstack.waiting import wait_until
from tests.waiting import DEADLINE_SECONDS

PROGRAM = """
import time
from shared.clock import utc_now
while True:
    print(utc_now().isoformat(), time.time(), time.monotonic(), flush=True)
    time.sleep(0.05)  # only so that its log stays short
"""


@pytest.fixture
def clock(folder):
    folder.create()
    return ShiftedClock(folder.run / "clock")


@pytest.fixture
def read_clocks(folder, clock, tmp_path):
    """A function that returns what a program reads on its three clocks."""
    (tmp_path / "tell_time.py").write_text(PROGRAM)
    environment = {"PYTHONPATH": f"{PROJECT}:{tmp_path}"}
    command = (sys.executable, "-m", *clock.through(), "tell_time")
    teller = Program("teller", command, lambda: True, environment)
    with Stack(folder, {}, [teller]) as stack:

        def newest():
            wait_until(lambda: stack.log("teller").count("\n") > 1, DEADLINE_SECONDS)
            day, seconds, monotonic = stack.log("teller").splitlines()[-2].split()
            return datetime.fromisoformat(day), float(seconds), float(monotonic)

        yield newest


@pytest.mark.parametrize("hours", [2, -2])
def test_the_time_of_day_jumps_while_the_program_runs_and_jumps_back(clock, read_clocks, hours):
    assert is_wrong_by(read_clocks(), hours=0)

    clock.shift(hours)
    assert wait_until(lambda: is_wrong_by(read_clocks(), hours), DEADLINE_SECONDS)
    clock.shift(0)
    assert wait_until(lambda: is_wrong_by(read_clocks(), hours=0), DEADLINE_SECONDS)


def test_waiting_uses_a_clock_that_does_not_jump(clock, read_clocks):
    clock.shift(2)
    assert wait_until(lambda: is_wrong_by(read_clocks(), 2), DEADLINE_SECONDS)

    assert abs(read_clocks()[2] - time.monotonic()) < 5


def is_wrong_by(clocks, hours):
    day, seconds, _ = clocks
    wrong = timedelta(hours=hours)
    return (
        abs(day - wrong - datetime.now(UTC)) < timedelta(seconds=5)
        and abs(seconds - wrong.total_seconds() - time.time()) < 5
    )
