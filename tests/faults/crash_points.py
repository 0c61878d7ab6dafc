"""Crashes a service at an exact point several times, and measures each recovery."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from devstack.testing.service_process import ServiceProcess
from tests.faults.crashing_service import CrashCounter
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
    """Start a service that crashes `times` times at `point`; return it after the last recovery.

    It needs a load, without which it never reaches that point.
    """
    path = run.stack.folder.root / f"crashes-{name}-{point}"
    nth = str(run.random.randint(2, 4))
    through = ("tests.faults.crashing_service", str(path), str(times), nth, point)
    with ThreadPoolExecutor(1) as executor:
        recovered = executor.submit(_measure_recoveries, run, name, CrashCounter(path), times)
        process = run.start(name, settings, through)
        recovered.result()
    return process


def _measure_recoveries(run: Run, name: str, counter: CrashCounter, times: int) -> None:
    for number in range(1, times + 1):
        run.expect_eventually(
            lambda number=number: counter.count() >= number,
            f"{name} did not reach its crash point",
            _CRASH_SECONDS,
        )
        run.measured.faults += 1
        run.measured.crashes += 1
        run.measure_recovery(name, time.monotonic())
