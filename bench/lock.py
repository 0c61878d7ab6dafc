"""Regenerates the lock files of the Python contenders and of the plots; `make lock` runs it."""

import subprocess
import sys
from pathlib import Path

from bench.harness.contender import CONTENDERS_FOLDER
from devstack.stack.program import PROJECT

_OPTIONS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "-q"),
    *("--no-emit-index-url", "--no-annotate", "--no-header"),
)

_UNCONSTRAINED = {"faust", "quix"}


def main() -> None:
    """Write each `requirements.lock` from the `requirements.in` beside it."""
    uv = Path(sys.executable).with_name("uv")
    plotting = PROJECT / "bench" / "report" / "plotting" / "requirements.in"
    for requirements in (*sorted(CONTENDERS_FOLDER.glob("*/requirements.in")), plotting):
        lock = requirements.with_suffix(".lock")
        # The versions of the services, except for contenders that do not work with them.
        same_versions = ("-c", PROJECT / "requirements.lock")
        constraints = () if requirements.parent.name in _UNCONSTRAINED else same_versions
        command = (uv, "pip", "compile", requirements, *_OPTIONS, *constraints, "-o", lock)
        subprocess.run(command, check=True)  # noqa: S603 - our own command line


if __name__ == "__main__":
    main()
