"""The commands of docs/adding-a-service.md, as they are written."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.cli.new_service.project import ROOT

PAGE = ROOT / "docs" / "adding-a-service.md"
BIN = Path(sys.executable).parent
# What `make docs` changes of files that were there; it may not change any other.
GENERATED = {"docs/events.md", "docs/metrics.md", "docs/api/asyncapi.json"}
PROGRAMS = {
    ".venv/bin/cppp": (sys.executable, "-m", "cli.main"),
    ".venv/bin/python": (sys.executable,),
    ".venv/bin/ruff": (sys.executable, "-m", "ruff"),
    "make": ("make", f"BIN={BIN}", "--old-file=venv"),
}
TESTS_OF_GENERATED = ("tests/contracts/test_api_docs.py", "tests/devstack/test_metrics_page.py")


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

    assert len(commands) == 5
    changed = project.changes()
    assert {each for each, how in changed.items() if how != "??"} == GENERATED
    assert changed["docs/api/openapi/journal.json"] == "??"
    project.python("pytest", "-q", "--without-infrastructure", *TESTS_OF_GENERATED)
    tests_of_its_api = "tests/contracts/test_generated_requests.py"
    project.python("pytest", "-q", tests_of_its_api, "-k", "journal", environment=servers)
