"""A service that is set up wrongly does not start, and says which variable to correct."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.log_lines import log_lines
from tests.waiting import DEADLINE_SECONDS

PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({}, "INTAKE_ID_SECRET: Must be at least 32 random characters"),
        ({"INTAKE_ID_SECRET": "too-short"}, "INTAKE_ID_SECRET: Must be at least 32"),
        (
            {"INTAKE_ID_SECRET": "x" * 32, "INTAKE_MAX_BODY_BYTES": "many"},
            "INTAKE_MAX_BODY_BYTES: Must be a whole number.",
        ),
    ],
)
def test_a_wrong_setting_ends_the_start_with_its_name(settings, complaint):
    others = {name: value for name, value in os.environ.items() if not name.startswith("INTAKE_")}

    ended = subprocess.run(
        [sys.executable, "-m", "services.intake"],
        cwd=PROJECT,
        env=others | settings,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (1, "")
    [line] = log_lines(ended.stdout)
    assert line["event"] == "setting.wrong"
    assert f"{line['variable']}: {line['what_to_do']}".startswith(complaint)
    assert "too-short" not in ended.stdout
