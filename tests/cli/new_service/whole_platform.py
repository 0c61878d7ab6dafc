"""The services of the platform around a new one, with a mail server that keeps up with them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.parts.mail_sink import mail_sink
from devstack.servers.service import service_names
from devstack.stack.program import PROJECT

_KEY_COMMAND = ("-m", "services.intake.keys", "create", "load", "--right", "bulk")


@contextmanager
def services_running(start: Any) -> Iterator[dict[str, Any]]:
    """Start every service; intake has no limits for the one client that sends everything."""
    with mail_sink() as sink:
        settings = {
            "intake": {"INTAKE_KEY_PER_MINUTE": "0"},
            "notify": {"SMTP_URL": sink.url},
        }
        yield {each: start(each, settings.get(each)) for each in service_names()}


def bulk_key(addresses: Any) -> str:
    """Create an API key that may submit in bulk."""
    done = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, *_KEY_COMMAND],
        cwd=PROJECT,
        env=os.environ | addresses.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
