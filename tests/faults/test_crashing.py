"""The crash points: a process ends at the nth passing, at the right side of the step, so often."""

import subprocess
import sys
from inspect import iscoroutinefunction
from pathlib import Path

import pytest

from tests.faults.crashing import KEEP, SEAMS, seam_of

PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.faults.crashing import Notes, crashing

async def step(number):
    print(number, flush=True)
    return number

async def main(path, side, nth):
    wrapped = crashing(step, before=side == "before", nth=int(nth), notes=Notes(Path(path)))
    for number in range(1, 6):
        assert await wrapped(number) == number

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize(("side", "done"), [("before", [1, 2]), ("after", [1, 2, 3])])
def test_a_process_ends_by_sigkill_before_or_after_the_step(tmp_path, side, done):
    notes = tmp_path / "notes"

    ended = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-c", PROGRAM, str(notes), side, "3"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, [int(each) for each in ended.stdout.split()]) == (-9, done)
    assert notes.read_bytes() == b"."


@pytest.mark.parametrize("service", KEEP)
@pytest.mark.parametrize("seam", ["keep", *SEAMS])
def test_every_seam_is_where_the_crash_points_look_for_it(service, seam):
    owner, function = seam_of(service, seam)

    assert iscoroutinefunction(getattr(owner, function))
