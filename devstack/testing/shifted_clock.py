"""Runs a module with a shifted clock: `python -m devstack.testing.shifted_clock FILE MODULE`.

FILE holds the offset in seconds; if it changes while the module runs, the clock jumps. Only the
time of day is shifted, as the product reads it: `shared.clock.utc_now` and `time.time`. Monotonic
clocks, which all timeouts use, are unchanged.
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
    """A clock shifted by the seconds in `file`; not shifted while there is no file."""

    file: Path
    _seconds: float = 0.0
    _look_at: float = field(default=0.0)

    def shift(self, hours: float) -> None:
        """Shift the clock by so many hours; takes effect within 50 ms."""
        draft = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        draft.write_text(str(hours * 3600))
        draft.replace(self.file)

    def through(self) -> tuple[str, ...]:
        """Return the arguments of `python -m` that run a module with this clock."""
        return ("devstack.testing.shifted_clock", str(self.file))

    def seconds(self) -> float:
        """Return the current offset."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + _LOOK_SECONDS
            self._seconds = float(self.file.read_text()) if self.file.exists() else 0.0
        return self._seconds

    def install(self) -> None:
        """Make this the clock of the process, for modules imported from now on."""
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
