"""The command line and the environment of a tethered program."""

import os
import sys
from pathlib import Path

from devstack.stack import tether
from devstack.stack.folder import StackFolder
from devstack.stack.processes import FOLDER_VARIABLE


def tether_command(spec: Path | str) -> list[str]:
    """Return the command that executes the program described in the file `spec`."""
    return [sys.executable, "-IS", tether.__file__, str(spec)]


def tether_environment(folder: StackFolder) -> dict[str, str]:
    """Return the environment of supervisord, which all its programs inherit."""
    own = {tether.PARENT_VARIABLE: str(os.getpid()), FOLDER_VARIABLE: str(folder.root)}
    return os.environ | own
