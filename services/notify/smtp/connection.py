"""A connection to the mail server, reopened when it is too old."""

import asyncio
import re
import time
from contextlib import suppress
from typing import Final, cast

from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from typing_extensions import override

from services.notify.mails.message import Mail
from services.notify.model import Rejection
from services.notify.smtp.failure import failure_of
from services.notify.smtp.refusals import REFUSED_BY_SERVER, Step, judge
from services.notify.smtp.server_address import MailServer
from shared.errors import TransientError

_LONGEST_IDLE_SECONDS: Final = 30.0
_MOST_MAILS: Final = 100
_CLOSING_SECONDS: Final = 1.0
_SEND_THE_MAIL: Final = 354
_ACCEPTED: Final = range(200, 300)

# No character that could end the address or start another one.
_ADDRESS: Final = re.compile(r'[^\x00-\x20\x7f<>()\[\]\\,;:"@]+@[^\x00-\x20\x7f<>()\[\]\\,;:"@]+')
_NOT_SUPPORTED: Final = Rejection("address-not-supported", "mailbox")


class _Client(SMTP):
    """The library's client, whose `close` leaves nothing open.

    The library forgets its transport at once, but TLS waits for the server to say goodbye before
    the socket is closed, and a server may never do so. After QUIT nothing is left to be sent.
    """

    @override
    def close(self) -> None:
        """Close the connection at once."""
        transport = self.transport
        super().close()
        if transport is not None:
            cast(asyncio.WriteTransport, transport).abort()


class SmtpConnection:
    """Sends mails of one sender to a server, one at a time.

    An answer may take as long as the server's `limits` say. Errors never contain an address.
    """

    def __init__(self, server: MailServer, sender: str, ehlo_name: str) -> None:
        self._sender = sender
        self._limits = server.limits
        self._sent = 0
        self._used_at = 0.0
        self._writer: asyncio.StreamWriter | None = None
        self._step: Step | None = None  # the command that waits for its answer, inside a mail
        self.failure = ""
        """Why the last `open` that failed did so: the step and the server's code."""
        self._client = _Client(
            hostname=server.host,
            port=server.port,
            local_hostname=ehlo_name,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            # A password requires TLS; without one TLS is used if offered.
            start_tls=True if server.password is not None and not server.tls else None,
            timeout=server.limits.command,
        )

    async def open(self) -> None:
        """Make the connection usable, by a new one if necessary.

        Raises `TransientError` while the server is unreachable or refuses to let us in.
        """
        if self.is_fresh:
            return
        await self.close()
        connected = False
        try:
            await self._client.connect(timeout=self._limits.greeting)
            connected = True
            await self._client.noop()  # so that the server's extensions are known
        except (SMTPException, OSError) as error:
            self.failure = failure_of(error, connected=connected)
            self._cut_off()
            raise TransientError(self.failure) from error
        _raise_if_cancelled()
        self._writer = _writer_of(self._client)
        self._sent = 0
        self._used_at = time.monotonic()

    @property
    def is_fresh(self) -> bool:
        """Return whether the connection can send the next mail as it is."""
        return (
            self._client.is_connected
            and time.monotonic() - self._used_at < _LONGEST_IDLE_SECONDS
            and self._sent < _MOST_MAILS
        )

    async def send(self, mail: Mail) -> Rejection | None:
        """Send a mail; return `None` if the server accepted it.

        If the connection breaks after the final dot, or the answer takes too long, the server may
        have accepted the mail all the same.
        """
        foreign = not mail.recipient.isascii()
        if not _ADDRESS.fullmatch(mail.recipient):
            return _NOT_SUPPORTED
        if foreign and not self._client.supports_extension("smtputf8"):
            return _NOT_SUPPORTED
        try:
            rejection = await self._dialogue(mail, b" SMTPUTF8" if foreign else b"")
        except (SMTPResponseException, OSError) as error:  # all that the library raises here
            return self._broken(error)
        self._step = None
        return rejection

    async def _dialogue(self, mail: Mail, options: bytes) -> Rejection | None:
        sender, recipient = self._sender.encode(), mail.recipient.encode()
        commands: tuple[tuple[Step, float, bytes], ...] = (
            ("mail", self._limits.mail, b"MAIL FROM:<%b>%b" % (sender, options)),
            ("rcpt", self._limits.rcpt, b"RCPT TO:<%b>" % recipient),
            ("data", self._limits.data, b"DATA"),
        )
        for step, limit, command in commands:
            if refused := await self._command(step, limit, command):
                await self._reset()
                return refused
        return await self._end(mail.message)

    async def _command(self, step: Step, limit: float, command: bytes) -> Rejection | None:
        self._step = step
        code, text = await self._client.execute_command(command, timeout=limit)
        if code == _SEND_THE_MAIL if step == "data" else code in _ACCEPTED:
            return None
        return judge(step, code, text)

    async def _end(self, message: bytes) -> Rejection | None:
        """Send the mail with its final dot: from here on the server may have accepted it."""
        self._step = "end"
        protocol = self._client.protocol
        if protocol is None or self._writer is None:
            raise ConnectionResetError
        self._writer.write(_framed(message))
        async with asyncio.timeout(self._limits.block):
            await self._writer.drain()
        code, text = await protocol.read_response(timeout=self._limits.end)
        self._sent += 1
        self._used_at = time.monotonic()
        return None if code in _ACCEPTED else judge("end", code, text)

    async def _reset(self) -> None:
        """Reset the dialogue; a server may have closed the connection after a refusal."""
        with suppress(SMTPException):
            await self._client.rset()
            self._used_at = time.monotonic()
            return
        self._cut_off()

    def _broken(self, error: OSError | SMTPResponseException) -> Rejection:
        """Return the rejection after the connection broke, or after what is no reply."""
        step = self._step or "mail"
        self._cut_off()
        if isinstance(error, SMTPResponseException):
            return judge(step, error.code)
        reason = "timed-out" if isinstance(error, TimeoutError) else "connection-lost"
        if step == "mail" and not self._sent:  # it has heard of no message yet
            return Rejection(REFUSED_BY_SERVER, "server", f"mail-{reason}")
        return Rejection(reason)

    def _cut_off(self) -> None:
        """Close the connection at once; the server discards a mail without its final dot."""
        self._step = None
        self._client.close()
        self._writer = None  # only now: a writer whose transport is open complains when it goes

    async def close(self) -> None:
        """Close the connection, with QUIT if possible; may be called at any time.

        A mail that is being sent is cut off: QUIT would become a line of it.
        """
        if self._client.is_connected and self._step is None:
            with suppress(SMTPException, OSError):
                await self._client.quit(timeout=_CLOSING_SECONDS)
        self._cut_off()
        await asyncio.sleep(0)  # the loop closes the socket now


def _writer_of(client: SMTP) -> asyncio.StreamWriter | None:
    """Return a writer with which one waits until all is sent; the library only writes."""
    transport, protocol = client.transport, client.protocol
    if transport is None or protocol is None:
        return None
    writing = cast(asyncio.WriteTransport, transport)
    writing.set_write_buffer_limits(0)
    return asyncio.StreamWriter(writing, protocol, None, asyncio.get_running_loop())


def _framed(message: bytes) -> bytes:
    """Return a mail as it is sent: leading dots doubled, and the final dot."""
    stuffed = message.replace(b"\n.", b"\n..")
    return (b"." + stuffed if stuffed.startswith(b".") else stuffed) + b".\r\n"


def _raise_if_cancelled() -> None:
    # The library uses `wait_for`, which loses a cancellation that arrives with the reply.
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError
