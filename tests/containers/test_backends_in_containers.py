"""Runs the store and end-to-end tests on Kafka and MongoDB in containers."""

import os
import subprocess
import sys

import pytest

from tests.containers.compose import ROOT

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]


@pytest.mark.usefixtures("docker_client")
def test_the_store_and_end_to_end_tests_pass_on_testcontainers():
    tests = [*ROOT.glob("tests/*/test_store.py"), ROOT / "tests" / "end_to_end"]
    done = subprocess.run(  # noqa: S603 - our own tests
        [
            *(sys.executable, "-m", "pytest", "-q", "-m", "not docker", "-p", "no:cacheprovider"),
            *map(str, sorted(tests)),
        ],
        # The code that starts a container also removes it, so the reaper image is not needed.
        env={"TESTCONTAINERS_RYUK_DISABLED": "true"} | os.environ | {"TEST_INFRA": "docker"},
        cwd=ROOT,
        check=False,
        text=True,
        capture_output=True,
    )

    print(done.stdout[-6000:], done.stderr[-2000:])  # noqa: T201 - shown if this test fails
    assert done.returncode == 0, "see the output below"
