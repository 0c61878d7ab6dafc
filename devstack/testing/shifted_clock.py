"""Runs a module with a clock that is wrong: `python -m devstack.testing.shifted_clock FILE MODULE`.

FILE holds by how many seconds; it may change while the module runs, and the clock then jumps. What
is shifted is the time of day as the product reads it: `shared.clock.utc_now` and `time.time`.
Monotonic clocks, by which everything waits, go on as the machine's do.
"""

import os
import runpy
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from shared import clock

_LOOK_SECONDS = 0.05


@dataclass
class ShiftedClock:
    """A clock that is wrong by what `file` says, none while there is no file."""

    file: Path
    _seconds: float = 0.0
    _look_at: float = field(default=0.0)

    def shift(self, hours: float) -> None:
        """Let it be wrong by so many hours; it is within a twentieth of a second."""
        draft = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        draft.write_text(str(hours * 3600))
        draft.replace(self.file)

    def through(self) -> tuple[str, ...]:
        """Return what starts a module by this clock, after `python -m`."""
        return ("devstack.testing.shifted_clock", str(self.file))

    def seconds(self) -> float:
        """Tell by how much it is wrong at the moment."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + _LOOK_SECONDS
            self._seconds = float(self.file.read_text()) if self.file.exists() else 0.0
        return self._seconds

    def install(self) -> None:
        """Be the clock of this process, for every module that is imported from now on."""
        right_time, right_now = time.time, clock.utc_now
        time.time = lambda: right_time() + self.seconds()
        clock.utc_now = self._shifted(right_now)

    def _shifted(self, right_now: Callable[[], datetime]) -> Callable[[], datetime]:
        return lambda: right_now() + timedelta(seconds=self.seconds())


if __name__ == "__main__":
    _, place, module = sys.argv
    ShiftedClock(Path(place)).install()
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
