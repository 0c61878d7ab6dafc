"""Makes the lock files of the contenders in Python, and of the plots, anew; `make lock` runs it."""

import subprocess
import sys
from pathlib import Path

from bench.harness.contender import FOLDER
from devstack.stack.program import PROJECT

_OPTIONS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "-q"),
    *("--no-emit-index-url", "--no-annotate", "--no-header"),
)

_ON_THEIR_OWN = {"faust", "quix"}


def main() -> None:
    """Write each `requirements.lock` from the `requirements.in` beside it."""
    uv = Path(sys.executable).with_name("uv")
    plotting = PROJECT / "bench" / "report" / "plotting" / "requirements.in"
    for wanted in (*sorted(FOLDER.glob("*/requirements.in")), plotting):
        lock = wanted.with_suffix(".lock")
        # The same versions as the product has, but for those that cannot work with them.
        same = () if wanted.parent.name in _ON_THEIR_OWN else ("-c", PROJECT / "requirements.lock")
        subprocess.run([uv, "pip", "compile", wanted, *_OPTIONS, *same, "-o", lock], check=True)  # noqa: S603 - our own command line


if __name__ == "__main__":
    main()
