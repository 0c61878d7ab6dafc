"""A real SMTP server for tests, which can be told to misbehave."""

import asyncio
import email.policy
from collections import defaultdict, deque
from collections.abc import Callable
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from devstack.stack.ports import LOCALHOST, free_ports
from tests.waiting import DEADLINE_SECONDS

HANG, DROP, TAKE_AND_HANG = "hang", "drop", "take and hang"


class MailServer:
    """Listens on a port of its own; keeps what it took, and what it was given and refused.

    `answers["RCPT"]` (or MAIL, DATA) are the next answers to that command: a reply to give, `HANG`
    to give none, `DROP` and `TAKE_AND_HANG` to take the mail and then drop the line or hang.
    `answers["RCPT a@b.example"]` are for that recipient alone, whoever else gets mail meanwhile.
    `on_taken` is called in the server's own thread before it answers that it took a mail.
    """

    def __init__(self, *, pipelining: bool = False, **options: Any) -> None:
        self.answers: dict[str, deque[str]] = defaultdict(deque)
        self.taken: list[bytes] = []
        self.recipients: list[str] = []
        self.names: list[str] = []
        self.sessions = 0
        self.answer_after_seconds = 0.0
        self.port = free_ports(["mail"])["mail"]
        self.on_taken: Callable[[bytes], None] = lambda _mail: None
        self.extensions = ["250-PIPELINING"] if pipelining else []
        self._options = options
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://{LOCALHOST}:{self.port}"

    @property
    def mails(self) -> list[EmailMessage]:
        return [read_mail(each) for each in self.taken]

    def start(self) -> None:
        self._controller = Controller(
            _Handler(self),
            hostname=LOCALHOST,
            port=self.port,
            ready_timeout=DEADLINE_SECONDS,
            **self._options,
        )
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
        self._controller = None


class _Handler:
    """What the library calls. It looks at every member, so nothing costly may be one."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_EHLO(  # noqa: N802 - the library's name
        self, _server: SMTP, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self._server.sessions += 1
        self._server.names.append(hostname)
        session.host_name = hostname
        return [*responses[:-1], *self._server.extensions, *responses[-1:]]

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from, envelope.mail_options = address, options
        return await self._answer("MAIL", server) or "250 OK"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        own = f"RCPT {address}"
        if answer := await self._answer(own if own in self._server.answers else "RCPT", server):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, _session: Any, envelope: Any
    ) -> str:
        if not self._server.answers["DATA"] or self._server.answers["DATA"][0] in {
            DROP,
            TAKE_AND_HANG,
        }:
            self._server.taken.append(envelope.content)
            self._server.recipients += envelope.rcpt_tos
            self._server.on_taken(envelope.content)
            await asyncio.sleep(self._server.answer_after_seconds)  # a slow server is the test
        return await self._answer("DATA", server) or "250 OK"

    async def _answer(self, command: str, server: SMTP) -> str | None:
        if not self._server.answers[command]:
            return None
        answer = self._server.answers[command].popleft()
        if answer in {HANG, TAKE_AND_HANG}:
            await asyncio.Event().wait()
        if answer == DROP:
            assert server.transport
            server.transport.close()
        return answer


def read_mail(content: bytes) -> EmailMessage:
    """Read a mail as a mail program would."""
    message = BytesParser(policy=email.policy.default).parsebytes(content)
    assert isinstance(message, EmailMessage)
    return message


def subject_of(mail: EmailMessage) -> str:
    """Return the subject without the application's reference."""
    return str(mail["Subject"]).rpartition(" [")[0]


def body(mail: EmailMessage, kind: str = "plain") -> str:
    """Read one part of a mail."""
    part = mail.get_body((kind,))
    assert part
    return str(part.get_content())
