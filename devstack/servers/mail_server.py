"""The program of the mail sink: `python -m devstack.servers.mail_server MAILDIR PORT`."""

import asyncio
import signal
import sys
from functools import partial
from pathlib import Path

import uvloop
from aiosmtpd.smtp import SMTP, Envelope, Session

from devstack.servers.maildir import Maildir
from devstack.stack.ports import LOCALHOST

_NAME = "cppp.example"


class Delivery:
    """A handler that stores every mail.

    The library's own parses each mail, serializes it again and syncs the disk: that costs more than
    the session, and does not store exactly what was sent.
    """

    def __init__(self, maildir: Maildir) -> None:
        self._maildir = maildir

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # the library's name
        """Store a mail."""
        content = envelope.original_content or b""
        sender = (envelope.mail_from or "").strip("<>")  # the library leaves `<>` as it is
        self._maildir.store(sender, envelope.rcpt_tos, content)
        return "250 OK"


async def serve(maildir: Path, port: int) -> None:
    """Take mails until SIGINT."""
    loop = asyncio.get_running_loop()
    must_stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGINT, must_stop.set)
    session = partial(SMTP, Delivery(Maildir(maildir)), hostname=_NAME)
    server = await loop.create_server(session, LOCALHOST, port)
    await must_stop.wait()
    server.close()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
