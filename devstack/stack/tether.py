"""Executes the program described in a file so that it cannot outlive its parent process.

Run as `python -IS tether.py SPEC.json`. On Linux the kernel sends the program a signal when its
parent dies, even by kill -9; elsewhere the next start of the stack ends leftover processes.
It uses only the standard library, and the program replaces this process.
"""

import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from typing import TypedDict

PARENT_VARIABLE = "CPPP_STACK_PARENT"
_PR_SET_PDEATHSIG = 1


class Spec(TypedDict):
    """The program to execute. `parent_death_signal` is a name such as KILL."""

    command: list[str]
    environment: dict[str, str]
    folder: str
    parent_death_signal: str


def tie_to_parent(signal_name: str, parent_pid: int) -> None:
    """Have the kernel send this process a signal when its parent dies; exit if it already has.

    `parent_pid` reveals a parent that died before this call.
    """
    if sys.platform != "linux":
        return
    number = signal.Signals[f"SIG{signal_name}"]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit("The process that started this one has ended.")


def become(spec: Spec) -> None:
    """Replace this process by the program; never returns."""
    tie_to_parent(spec["parent_death_signal"], int(os.environ[PARENT_VARIABLE]))
    os.chdir(spec["folder"])
    # exec preserves the process id, so this process is the parent of what the program starts.
    own = {PARENT_VARIABLE: str(os.getpid())}
    environment = os.environ | spec["environment"] | own
    os.execvpe(spec["command"][0], spec["command"], environment)  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    become(json.loads(Path(sys.argv[1]).read_text()))
