"""The program of the mail sink: `python -m devstack.servers.mail_server MAILDIR PORT`.

aiosmtpd takes six times the processor time for a mail, more than the service that sends it: it
parses addresses by the grammar of mail headers, and waits for each line of a mail.
"""

import asyncio
import re
import signal
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import cast

import uvloop
from typing_extensions import override

from devstack.servers.maildir import Maildir
from devstack.stack.ports import LOCALHOST

_LINE_END, _FIRST_DOT, _MAIL_END = b"\r\n", b".\r\n", b"\r\n.\r\n"
_ADDRESS = re.compile(r"(?:FROM|TO):\s*<([^<>]*)>", re.IGNORECASE)
_GREETING = "220 cppp.example mail sink"
_EXTENSIONS = "250-cppp.example\r\n250 8BITMIME"
_BAD_SEQUENCE = "503 Must come after MAIL and RCPT"
_BAD_ADDRESS = "501 Must have an address in angle brackets"
_ANSWERS: Mapping[str, str] = {
    "EHLO": _EXTENSIONS,
    "HELO": "250 cppp.example",
    "NOOP": "250 OK",
    "RSET": "250 OK",
    "QUIT": "221 Bye",
}


class Session(asyncio.Protocol):
    """One SMTP session. It takes every mail."""

    def __init__(self, maildir: Maildir) -> None:
        self._maildir = maildir
        self._received = bytearray()
        self._takes_content = False
        self._forget_envelope()

    def _forget_envelope(self) -> None:
        self._sender: str | None = None
        self._recipients: list[str] = []

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has no base class
        self._say(_GREETING)

    @override
    def data_received(self, data: bytes) -> None:
        """Take what is complete: a command, or the content of a mail."""
        self._received += data
        while self._take_content() if self._takes_content else self._take_command():
            pass

    def _say(self, answer: str) -> None:
        self._transport.write(answer.encode() + _LINE_END)

    def _take_content(self) -> bool:
        end = 0 if self._received.startswith(_FIRST_DOT) else self._received.find(_MAIL_END) + 2
        if end == 1:
            return False
        content = bytes(self._received[:end])
        del self._received[: end + len(_FIRST_DOT)]
        self._takes_content = False
        self._store(content)
        return True

    def _store(self, content: bytes) -> None:
        unstuffed = content.replace(b"\r\n..", b"\r\n.")
        content = unstuffed[1:] if content.startswith(b"..") else unstuffed
        self._maildir.store(self._sender or "", self._recipients, content)
        self._forget_envelope()
        self._say("250 OK")

    def _take_command(self) -> bool:
        line, end, rest = self._received.partition(_LINE_END)
        if not end:
            return False
        self._received = rest
        name, _, argument = line.decode(errors="replace").partition(" ")
        self._say(self._answer(name.upper(), argument))
        if name.upper() == "QUIT":
            self._transport.close()
        return True

    def _answer(self, name: str, argument: str) -> str:
        if name in {"MAIL", "RCPT"}:
            return self._address(name, argument)
        if name == "DATA":
            return self._begin_content()
        if name in {"EHLO", "HELO", "RSET"}:
            self._forget_envelope()
        return _ANSWERS.get(name, "502 Must be a command of RFC 5321, section 4.5.1")

    def _address(self, name: str, argument: str) -> str:
        if not (found := _ADDRESS.match(argument)):
            return _BAD_ADDRESS
        if name == "MAIL":
            self._forget_envelope()
            self._sender = found[1]
        elif self._sender is None:
            return _BAD_SEQUENCE
        else:
            self._recipients.append(found[1])
        return "250 OK"

    def _begin_content(self) -> str:
        if not self._recipients:
            return _BAD_SEQUENCE
        self._takes_content = True
        return "354 End with a dot on a line of its own"


async def serve(maildir: Path, port: int) -> None:
    """Take mails until SIGINT."""
    loop = asyncio.get_running_loop()
    must_stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGINT, must_stop.set)
    server = await loop.create_server(partial(Session, Maildir(maildir)), LOCALHOST, port)
    await must_stop.wait()
    server.close()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
