"""One run per folder."""

import subprocess
import sys

import pytest

from devstack.errors import StackError
from devstack.stack.program import PROJECT
from devstack.stack.run_lock import run_lock


def test_a_second_run_is_told_where_the_first_runs(tmp_path):
    with (
        run_lock(tmp_path / "lock", "process 123 at http://there"),
        pytest.raises(StackError, match="It runs already: process 123 at http://there"),
        run_lock(tmp_path / "lock", "elsewhere"),
    ):
        pytest.fail("both run")


def test_the_lock_of_a_killed_run_is_no_obstacle(tmp_path):
    code = (
        "import signal, sys\nfrom pathlib import Path\n"
        "from devstack.stack.run_lock import run_lock\n"
        "with run_lock(Path(sys.argv[1]), 'a longer text than the next one'):\n"
        "    print('locked', flush=True)\n    signal.pause()\n"
    )
    command = [sys.executable, "-c", code, tmp_path / "lock"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()

    with run_lock(tmp_path / "lock", "next"):
        assert (tmp_path / "lock").read_text() == "next"
