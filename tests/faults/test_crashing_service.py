"""Crash points: the process dies at the nth call of a step, before or after its work."""

import subprocess
import sys
from inspect import iscoroutinefunction
from pathlib import Path

import pytest

from tests.faults.crashing_service import STEPS, STORE, find_step

PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.faults.crashing_service import CrashCounter, crashing

async def step(number):
    print(number, flush=True)
    return number

async def main(path, side, nth):
    counter = CrashCounter(Path(path))
    wrapped = crashing(step, before=side == "before", nth=int(nth), counter=counter)
    for number in range(1, 6):
        assert await wrapped(number) == number

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize(("side", "done"), [("before", [1, 2]), ("after", [1, 2, 3])])
def test_a_process_dies_by_sigkill_before_or_after_the_step(tmp_path, side, done):
    crashes = tmp_path / "crashes"

    ended = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-c", PROGRAM, str(crashes), side, "3"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, [int(each) for each in ended.stdout.split()]) == (-9, done)
    assert crashes.read_bytes() == b"."


@pytest.mark.parametrize("service", STORE)
@pytest.mark.parametrize("step", ["store", *STEPS])
def test_every_step_is_a_method_that_exists(service, step):
    owner, name = find_step(service, step)

    assert iscoroutinefunction(getattr(owner, name))
