"""Submits the sample applications, and publishes the sample content, at the first start."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from devstack.errors import StackError
from devstack.platform.platform import Platform
from devstack.stack.folder import write_private
from devstack.stack.program import PROJECT

SAMPLES = PROJECT / "samples" / "applications.ndjson"
CONTENT = PROJECT / "samples" / "content"
RECEIPTS = "samples.receipts.ndjson"
KEY = "samples-api-key"
_KEY_COMMAND = (sys.executable, "-m", "services.intake.keys")


class Submit(Protocol):
    """Submits a file of applications, one per line; a repeated call resumes."""

    def __call__(self, file: Path, intake_url: str, api_key: str, receipts: Path) -> None:
        """Submit every application in `file`, and record the outcome of each in `receipts`.

        Raises `StackError` if one was refused or intake does not answer.
        """


class Publish(Protocol):
    """Publishes what has changed in a folder of content; a repeated call completes it."""

    def __call__(self, folder: Path, kafka: str) -> None:
        """Publish the items in `folder`, if all of them are valid.

        Raises `StackError` if not, or if Kafka does not answer.
        """


@dataclass(frozen=True)
class Samples:
    """How the samples come into the platform, by its own commands."""

    submit: Submit
    publish: Publish


def bring_samples_once(platform: Platform, samples: Samples) -> None:
    """Submit and publish the samples, unless that was done before in this folder.

    Raises `StackError` if that fails; the next call completes it.
    """
    submit_samples_once(platform, samples.submit)
    done = platform.folder.run / "content-published"
    if not done.exists() and CONTENT.exists():
        samples.publish(CONTENT, platform.addresses.kafka_bootstrap_servers)
        done.touch()


def submit_samples_once(platform: Platform, submit: Submit) -> None:
    """Submit the samples, unless that was done before in this folder.

    Raises `StackError` if that fails; the next call completes it.
    """
    done = platform.folder.run / "samples-submitted"
    if not done.exists() and SAMPLES.exists():
        receipts = platform.folder.run / RECEIPTS
        submit(SAMPLES, platform.service_urls["intake"], samples_key(platform), receipts)
        done.touch()


def samples_key(platform: Platform) -> str:
    """Return the samples' API key, which may submit in bulk and set the time of receipt.

    The first call creates it; it is stored in the folder, readable by this user only.

    Raises `StackError` if intake does not create one.
    """
    path = platform.folder.run / KEY
    if not path.exists():
        write_private(path, _new_key(platform.service("intake").environment))
    return path.read_text()


def _new_key(settings: Mapping[str, str]) -> str:
    result = subprocess.run(  # noqa: S603 - our own command line
        [*_KEY_COMMAND, "create", "samples", "--right", "backdate", "--right", "bulk"],
        cwd=PROJECT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode or not result.stdout.strip():
        said = " ".join(result.stderr.split())[-300:]
        msg = f"intake cannot create an API key for the samples: {said}"
        raise StackError(msg)
    return result.stdout.strip()
