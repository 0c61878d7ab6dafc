"""`cppp up`: run the whole platform in the foreground until a signal stops it."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from devstack.platform.parent import never
from devstack.platform.platform import Platform, platform_parts
from devstack.platform.samples import Samples, bring_samples_once
from devstack.platform.starting import line_console, start_shown
from devstack.platform.stop_signals import stop_on_signals
from devstack.platform.watch import Watch
from devstack.platform.where_to_look import one_line, where_to_look
from devstack.servers.monitoring import why_no_monitoring
from devstack.stack.folder import StackFolder
from devstack.stack.ports import fixed_ports
from devstack.stack.run_lock import run_lock
from devstack.stack.stack import Stack

_LOOK_SECONDS = 0.5


def up(folder: Path, samples: Samples, must_stop: Callable[[], bool] = never) -> None:
    """Run the platform with its data in `folder` until Ctrl-C, SIGTERM or `must_stop`.

    Where Prometheus and Alertmanager are not installed it says so, and runs without them.

    The first start in a folder submits and publishes the samples.

    Raises `StackError` if it cannot start or continue, after stopping everything.
    """
    console = line_console()
    stack_folder = StackFolder(folder.absolute())
    stack_folder.create()
    if missing := why_no_monitoring():
        console.print(f"Without monitoring and alerts: {missing}")
    parts = platform_parts(monitored=not missing)
    platform = Platform(stack_folder, fixed_ports(parts, os.environ))
    session = _Session(platform, samples, console, must_stop)
    try:
        with run_lock(stack_folder.run / "lock", one_line(platform)), stop_on_signals():
            session.run()
    except KeyboardInterrupt:
        with suppress(OSError):
            console.print(f"Stopped. The data is in {folder}.")


@dataclass(frozen=True)
class _Session:
    """One run, from its start to its end."""

    platform: Platform
    samples: Samples
    console: Console
    must_stop: Callable[[], bool]

    def run(self) -> None:
        """Start, run, and stop on KeyboardInterrupt."""
        stack = self.platform.stack()
        try:
            start_shown(stack, self.console)
            bring_samples_once(self.platform, self.samples)
            self.console.print(where_to_look(self.platform))
            self._watch_until_stopped(stack)
        except KeyboardInterrupt:
            with suppress(OSError):  # the terminal may be gone
                self.console.print("Stopping …")
            raise
        finally:
            stack.stop()

    def _watch_until_stopped(self, stack: Stack) -> None:
        watch = Watch(stack, self.console.print)
        while not self.must_stop():
            watch.look()
            time.sleep(_LOOK_SECONDS)
        raise KeyboardInterrupt
