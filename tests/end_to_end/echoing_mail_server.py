"""A mail server whose refusals repeat what it was told, as those of real servers do."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from devstack.stack.ports import LOCALHOST

_REFUSALS = {
    "refused": "550 5.1.1 <{0}>: Recipient address rejected: {0} unknown",
    "postponed": "451 4.3.0 <{0}>: try again later",
    "policy": "554 5.7.1 <{0}>: Relay access denied for {0}",
}


class EchoingMailServer:
    """Refuses addresses that begin with a key of the refusals, and keeps the other mails."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[Message] = []
        self._controller: Controller | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Listen while the block runs."""
        self._start()
        try:
            yield
        finally:
            self._stop()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Listen no longer while the block runs."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    def _start(self) -> None:
        handler = _Handler(self.mails)
        self._controller = Controller(handler, hostname=LOCALHOST, port=self.port, ready_timeout=10)
        self._controller.start()

    def _stop(self) -> None:
        if self._controller:
            self._controller.stop()


class _Handler:
    """What the library calls."""

    def __init__(self, mails: list[Message]) -> None:
        self._mails = mails

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if refusal := _REFUSALS.get(address.partition(".")[0]):
            return refusal.format(address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Any, envelope: Any
    ) -> str:
        self._mails.append(BytesParser().parsebytes(envelope.content))
        return "250 OK"
