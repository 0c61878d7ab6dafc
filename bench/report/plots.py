"""Draws docs/performance/*.svg from the last results: `python -m bench.report.plots`."""

import subprocess
from pathlib import Path
from typing import Final

from bench.harness.contender import virtual_environment
from bench.harness.installation import NotRunError, install_environment
from bench.report.results import LATEST
from devstack.stack.program import PROJECT

PLOTS_FOLDER: Final = PROJECT / "docs" / "performance"
_PLOTTING: Final = PROJECT / "bench" / "report" / "plotting"


def draw_plots(results_file: Path = LATEST, folder: Path = PLOTS_FOLDER) -> None:
    """Draw the plots for which the results have figures.

    Raises:
        NotRunError: matplotlib cannot be installed, or fails.
    """
    environment = virtual_environment("plotting")
    install_environment(_PLOTTING / "requirements.lock", environment)
    folder.mkdir(parents=True, exist_ok=True)
    command = (environment / "bin" / "python", _PLOTTING / "main.py", results_file, folder)
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command line
    if done.returncode:
        raise NotRunError(done.stderr.strip().splitlines()[-1])


if __name__ == "__main__":
    draw_plots()
