"""At the first start of a folder, the sample applications are submitted to it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from devstack.errors import StackError
from devstack.platform.platform import Platform
from devstack.stack.folder import write_private
from devstack.stack.program import PROJECT

SAMPLES = PROJECT / "samples" / "applications.ndjson"
RECEIPTS = "samples.receipts.ndjson"
KEY = "samples-api-key"
_KEY_COMMAND = (sys.executable, "-m", "services.intake.keys")


class Submit(Protocol):
    """Submits a file of applications, one per line; it may be repeated and goes on then."""

    def __call__(self, file: Path, intake_url: str, api_key: str, receipts: Path) -> None:
        """Submit every application in `file`, and note in `receipts` what each became.

        Raises:
            StackError: One was refused, or intake does not answer.
        """


def submit_samples_once(platform: Platform, submit: Submit) -> None:
    """Submit the samples, unless that was done before in this folder.

    Raises:
        StackError: It was not possible; the next call completes it.
    """
    done = platform.folder.run / "samples-submitted"
    if not done.exists() and SAMPLES.exists():
        receipts = platform.folder.run / RECEIPTS
        submit(SAMPLES, platform.service_urls["intake"], samples_key(platform), receipts)
        done.touch()


def samples_key(platform: Platform) -> str:
    """Return the API key of the samples, with which they may say when they were received.

    The first call has intake make it; after that it lies in the folder, for this user only.

    Raises:
        StackError: Intake does not make one.
    """
    path = platform.folder.run / KEY
    if not path.exists():
        write_private(path, _new_key(platform.service("intake").environment))
    return path.read_text()


def _new_key(settings: Mapping[str, str]) -> str:
    result = subprocess.run(  # noqa: S603 - our own command line
        [*_KEY_COMMAND, "create", "samples", "--right", "backdate"],
        cwd=PROJECT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode or not result.stdout.strip():
        said = " ".join(result.stderr.split())[-300:]
        msg = f"intake does not make an API key for the samples: {said}"
        raise StackError(msg)
    return result.stdout.strip()
