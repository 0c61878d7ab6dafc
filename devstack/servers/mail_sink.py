"""A mail server that forwards nothing: it stores every mail in a Maildir."""

import smtplib
import sys
from collections.abc import Mapping
from pathlib import Path

from devstack.stack.ports import LOCALHOST, accepts_connections
from devstack.stack.program import Program, Stage

_OK = 250


def mail_sink(maildir: Path, ports: Mapping[str, int]) -> Program:
    """Return the mail server that fills `maildir`."""
    port = ports["mail"]
    return Program(
        name="mail",
        command=(sys.executable, "-m", "devstack.servers.mail_server", str(maildir), str(port)),
        is_ready=lambda: _greets(port),
        stage=Stage.INFRASTRUCTURE,
        stop_signal="INT",
    )


def _greets(port: int) -> bool:
    if not accepts_connections(port):
        return False
    try:
        with smtplib.SMTP(LOCALHOST, port, timeout=1) as connection:
            return connection.noop()[0] == _OK
    except (OSError, smtplib.SMTPException):
        return False
