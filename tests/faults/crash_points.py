"""Lets a service crash at an exact point, several times, and measures each recovery."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from devstack.testing.service_process import ServiceProcess
from tests.faults.crashing import Notes
from tests.faults.run import Run

_CRASH_SECONDS = 120.0


def crash(
    run: Run,
    name: str,
    point: str,
    *,
    times: int = 2,
    settings: Mapping[str, str] | None = None,
) -> ServiceProcess:
    """Start a service that crashes so often at a point while it works; return it afterwards.

    There has to be a load, or it never comes to that point.
    """
    path = run.stack.folder.root / f"crashes-{name}-{point}"
    nth = str(run.random.randint(2, 4))
    through = ("tests.faults.crashing", str(path), str(times), nth, point)
    with ThreadPoolExecutor(1) as watcher:
        recovered = watcher.submit(_watch, run, name, Notes(path), times)
        process = run.start(name, settings, through)
        recovered.result()
    return process


def _watch(run: Run, name: str, notes: Notes, times: int) -> None:
    for number in range(1, times + 1):
        run.eventually(
            lambda number=number: notes.count() >= number,
            f"{name} did not come to its crash",
            _CRASH_SECONDS,
        )
        run.measured.faults += 1
        run.measured.crashes += 1
        run.recover(name, time.monotonic())
