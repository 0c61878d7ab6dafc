"""Makes the lock files of the contenders in Python anew; `make lock` runs it."""

import subprocess
import sys
from pathlib import Path

from bench.contender import FOLDER

_OPTIONS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "-q"),
    *("--no-emit-index-url", "--no-annotate", "--no-header"),
)


def main() -> None:
    """Write each `requirements.lock` from the `requirements.in` beside it."""
    uv = Path(sys.executable).with_name("uv")
    for wanted in sorted(FOLDER.glob("*/requirements.in")):
        lock = wanted.with_suffix(".lock")
        subprocess.run([uv, "pip", "compile", wanted, *_OPTIONS, "-o", lock], check=True)  # noqa: S603 - our own command line


if __name__ == "__main__":
    main()
