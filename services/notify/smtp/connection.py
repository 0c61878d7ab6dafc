"""A connection to the mail server, reopened when it is too old."""

import asyncio
import re
import time
from contextlib import suppress
from typing import Final, cast

from aiosmtplib import SMTP, SMTPException

from services.notify.mails.message import Mail
from services.notify.model import Rejection
from services.notify.rules import rejection_by_reply
from services.notify.smtp.conversation import Conversation, Reply
from services.notify.smtp.failure import failure_of
from services.notify.smtp.server_address import MailServer
from shared.errors import TransientError

_LONGEST_IDLE_SECONDS: Final = 30.0
_MOST_MAILS: Final = 100
_CLOSING_SECONDS: Final = 1.0
_SEND_THE_MAIL: Final = 354
_ACCEPTED: Final = range(200, 300)

# No character that could end the address or start another one.
_ADDRESS: Final = re.compile(r'[^\x00-\x20\x7f<>()\[\]\\,;:"@]+@[^\x00-\x20\x7f<>()\[\]\\,;:"@]+')
_NOT_SUPPORTED: Final = Rejection("address-not-supported", permanent=True)


class SmtpConnection:
    """Sends mails of one sender to a server, one at a time, in two steps: `offer` and `hand_over`.

    Every call ends within `limit_seconds`. Errors never contain an address.
    """

    def __init__(self, server: MailServer, sender: str, limit_seconds: float) -> None:
        self._sender = sender
        self._limit_seconds = limit_seconds
        self._sent = 0
        self._used_at = 0.0
        self._is_offering = False
        self._conversation: Conversation | None = None
        self.failure = ""
        """Why the last `open` that failed did so: the step and the server's code."""
        self._client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            # A password requires TLS; without one TLS is used if offered.
            start_tls=True if server.password is not None and not server.tls else None,
            timeout=limit_seconds,
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
            async with asyncio.timeout(self._limit_seconds):
                await self._client.connect()
                connected = True
                await self._client.noop()  # so that the server's extensions are known
        except (SMTPException, OSError) as error:
            self.failure = failure_of(error, connected=connected)
            self._client.close()
            raise TransientError(self.failure) from error
        _raise_if_cancelled()
        self._conversation = Conversation(
            cast(asyncio.Transport, self._client.transport),
            pipelining=self._client.supports_extension("pipelining"),
        )
        self._sent = 0
        self._used_at = time.monotonic()

    @property
    def is_fresh(self) -> bool:
        """Return whether the connection can send the next mail as it is."""
        idle_seconds = time.monotonic() - self._used_at
        return (
            self._conversation is not None
            and self._conversation.is_open
            and idle_seconds < _LONGEST_IDLE_SECONDS
            and self._sent < _MOST_MAILS
        )

    async def send(self, mail: Mail) -> Rejection | None:
        """Offer a mail and complete it; return `None` if the server accepted it."""
        return await self.offer(mail) or await self.hand_over()

    async def offer(self, mail: Mail) -> Rejection | None:
        """Send a mail except its final dot; return `None` if the server has refused nothing.

        The server accepts nothing before `hand_over`; `abandon` discards the mail.
        """
        foreign = not mail.recipient.isascii()
        if not _ADDRESS.fullmatch(mail.recipient):
            return _NOT_SUPPORTED
        if foreign and not self._client.supports_extension("smtputf8"):
            return _NOT_SUPPORTED
        commands = [
            f"MAIL FROM:<{self._sender}>{' SMTPUTF8' if foreign else ''}".encode(),
            f"RCPT TO:<{mail.recipient}>".encode(),
            b"DATA",
        ]
        self._is_offering = True
        try:
            async with asyncio.timeout(self._limit_seconds):
                rejection = await self._send_offer(commands, mail.message)
        except OSError as error:
            return self._failed(error)
        self._is_offering = rejection is None
        return rejection

    async def _send_offer(self, commands: list[bytes], message: bytes) -> Rejection | None:
        conversation = self._open_conversation()
        replies = await conversation.send_commands(commands)
        refused = _refusal(replies)
        if refused is None:
            conversation.send_message(message)
            return None
        if replies[-1].code == _SEND_THE_MAIL:  # it would accept a mail without recipient
            conversation.close()
        else:
            await self._reset(conversation)
        return refused

    async def hand_over(self) -> Rejection | None:
        """Send the final dot; return `None` if the server accepted the mail.

        Without a reply, or if the connection breaks, it may have accepted the mail all the same.
        """
        try:
            async with asyncio.timeout(self._limit_seconds):
                reply = await self._open_conversation().end_mail()
        except OSError as error:
            return self._failed(error)
        self._is_offering = False
        self._sent += 1
        self._used_at = time.monotonic()
        return None if reply.code in _ACCEPTED else rejection_by_reply(reply.code, reply.status)

    def abandon(self) -> None:
        """Discard the offered mail by closing the connection."""
        if self._conversation:
            self._conversation.close()

    def _open_conversation(self) -> Conversation:
        if self._conversation is None:
            raise ConnectionResetError
        return self._conversation

    def _failed(self, error: OSError) -> Rejection:
        self.abandon()
        return Rejection("timed-out" if isinstance(error, TimeoutError) else "connection-lost")

    async def _reset(self, conversation: Conversation) -> None:
        """Reset the dialogue; a server may have closed the connection after a refusal."""
        with suppress(ConnectionError):
            await conversation.send_commands([b"RSET"])
            self._used_at = time.monotonic()

    async def close(self) -> None:
        """Close the connection, with QUIT if possible; may be called at any time.

        A mail that is being offered is cut off: QUIT would become a line of it.
        """
        conversation, is_offering = self._conversation, self._is_offering
        self._conversation, self._is_offering = None, False
        if conversation is None:
            self._client.close()
            return
        if conversation.is_open and not is_offering:
            with suppress(OSError):
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await conversation.send_commands([b"QUIT"])
        conversation.close()
        self._client.close()
        await conversation.closed(_CLOSING_SECONDS)


def _raise_if_cancelled() -> None:
    # The library uses `wait_for`, which loses a cancellation that arrives with the reply.
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


def _refusal(replies: list[Reply]) -> Rejection | None:
    """Return the rejection of the first command that was refused, or `None`."""
    of_sender, *others = replies
    if of_sender.code not in _ACCEPTED:
        return rejection_by_reply(of_sender.code, of_sender.status, of_sender=True)
    for reply in others:
        if reply.code not in _ACCEPTED and reply.code != _SEND_THE_MAIL:
            return rejection_by_reply(reply.code, reply.status)
    return None
