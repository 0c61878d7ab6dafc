"""The commands of docs/adding-a-service.md, as they are written."""

import re
import shlex
import sys

import pytest

from tests.cli.new_service.project import ROOT

PAGE = ROOT / "docs" / "adding-a-service.md"
PROGRAMS = {
    ".venv/bin/cppp": (sys.executable, "-m", "cli.main"),
    ".venv/bin/python": (sys.executable,),
    ".venv/bin/ruff": (sys.executable, "-m", "ruff"),
}


@pytest.mark.timeout(300)
def test_every_command_of_the_page_does_what_it_says(project, infra):
    commands = [
        shlex.split(line)
        for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
        for line in block.splitlines()
    ]
    servers = {**infra.environment, "TEST_INFRA": "external", "MAILDIR": str(infra.maildir)}

    for program, *arguments in commands:
        project.run(*PROGRAMS.get(program, (program,)), *arguments, environment=servers)

    assert len(commands) == 4
    assert set(project.changes().values()) == {"??"}
