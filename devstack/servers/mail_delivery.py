"""The delivery of the mail sink: into a Maildir, byte for byte."""

import os
import time
from argparse import ArgumentParser
from itertools import count
from pathlib import Path
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

_SUBFOLDERS = ("tmp", "new", "cur")


class MaildirDelivery:
    """A handler for `python -m aiosmtpd -c`.

    The library's own handler parses each mail, serializes it again and syncs the disk. That costs
    more than the SMTP session, and does not store exactly what was sent.
    """

    def __init__(self, maildir: Path) -> None:
        self._maildir = maildir
        self._numbers = count(1)
        for each in _SUBFOLDERS:
            (maildir / each).mkdir(parents=True, exist_ok=True)

    @classmethod
    def from_cli(cls, parser: ArgumentParser, *arguments: str) -> Self:
        """Create the handler from the command line, which names the folder."""
        if len(arguments) != 1:
            parser.error("name the Maildir, and nothing else")
        return cls(Path(arguments[0]))

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # the library's name
        """Store a mail atomically, with its envelope as headers on top."""
        name = f"{time.time_ns()}.P{os.getpid()}Q{next(self._numbers)}.sink"
        draft = self._maildir / "tmp" / name
        draft.write_bytes(_headers(envelope) + (envelope.original_content or b""))
        draft.rename(self._maildir / "new" / name)
        return "250 OK"


def _headers(envelope: Envelope) -> bytes:
    recipients = (f"Delivered-To: {each}\r\n" for each in envelope.rcpt_tos)
    return "".join([f"Return-Path: <{envelope.mail_from}>\r\n", *recipients]).encode()
