"""Draws docs/performance/*.svg from the last results: `python -m bench.report.plots`."""

import subprocess
from pathlib import Path
from typing import Final

from bench.harness.contender import environment_of
from bench.harness.installation import NotRunError, install
from bench.report.results import LATEST
from devstack.stack.program import PROJECT

FOLDER: Final = PROJECT / "docs" / "performance"
_PLOTTING: Final = PROJECT / "bench" / "report" / "plotting"


def draw(results_file: Path = LATEST, folder: Path = FOLDER) -> None:
    """Draw the plots for which there are figures.

    Raises:
        NotRunError: matplotlib cannot be had, or fails.
    """
    environment = environment_of("plotting")
    install(_PLOTTING / "requirements.lock", environment)
    folder.mkdir(parents=True, exist_ok=True)
    command = (environment / "bin" / "python", _PLOTTING / "main.py", results_file, folder)
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
    if done.returncode:
        raise NotRunError(done.stderr.strip().splitlines()[-1])


if __name__ == "__main__":
    draw()
