"""One connection to the mail server, opened anew when it has grown old."""

import asyncio
import time
from contextlib import suppress
from typing import Final

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPSenderRefused

from services.notify.mail_server import MailServer
from services.notify.message import Mail
from services.notify.notification import Rejection
from services.notify.rules import rejection_by_code
from shared.errors import TransientError

_LONGEST_IDLE_SECONDS: Final = 30.0
_MOST_MAILS: Final = 100
_CLOSING_SECONDS: Final = 1.0


class SmtpConnection:
    """Hands mails of one sender to a server, one at a time.

    Every call ends within `limit_seconds`. No error shows an address.
    """

    def __init__(self, server: MailServer, sender: str, limit_seconds: float) -> None:
        self._sender = sender
        self._limit_seconds = limit_seconds
        self._sent = 0
        self._used_at = 0.0
        self._client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            # A password demands TLS; without one it is used where it is offered.
            start_tls=True if server.password is not None and not server.tls else None,
            timeout=limit_seconds,
        )

    async def open(self) -> None:
        """Make the connection usable, if need be by a new one.

        Raises `TransientError` while the server cannot be reached or does not let us in.
        """
        if self.is_fresh:
            return
        await self.close()
        try:
            async with asyncio.timeout(self._limit_seconds):
                await self._client.connect()
                await self._client.noop()  # makes sure that the server has told what it offers
        except (SMTPException, OSError) as error:
            self._client.close()
            raise TransientError from error
        self._sent = 0
        self._used_at = time.monotonic()

    @property
    def is_fresh(self) -> bool:
        """Tell whether the next mail may go through this connection as it is."""
        idle_seconds = time.monotonic() - self._used_at
        return (
            self._client.is_connected
            and idle_seconds < _LONGEST_IDLE_SECONDS
            and self._sent < _MOST_MAILS
        )

    async def send(self, mail: Mail) -> Rejection | None:
        """Hand a mail over; nothing comes back if the server took it."""
        try:
            async with asyncio.timeout(self._limit_seconds):
                rejection = await self._transact(mail)
        except TimeoutError:
            self._client.close()
            return Rejection("timed-out")
        except (SMTPException, OSError):
            self._client.close()
            return Rejection("connection-lost")
        self._sent += 1
        self._used_at = time.monotonic()
        return rejection

    async def _transact(self, mail: Mail) -> Rejection | None:
        foreign = not mail.recipient.isascii()
        if foreign and not self._client.supports_extension("smtputf8"):
            return Rejection("address-not-supported", permanent=True)
        encoding, options = ("utf-8", ["SMTPUTF8"]) if foreign else ("ascii", [])
        try:
            await self._client.mail(self._sender, options=options, encoding=encoding)
            await self._client.rcpt(mail.recipient, encoding=encoding)
            await self._client.data(mail.message)
        except SMTPResponseException as error:
            await self._reset()
            return rejection_by_code(error.code, of_sender=isinstance(error, SMTPSenderRefused))
        except ValueError:  # the library refuses what could end the address on its line
            await self._reset()
            return Rejection("address-not-supported", permanent=True)
        return None

    async def _reset(self) -> None:
        """Forget a mail halfway; a server that closes after a refusal has done so already."""
        try:
            await self._client.rset()
        except (SMTPException, OSError):
            self._client.close()

    async def close(self) -> None:
        """Say goodbye if somebody listens; may be called at any time."""
        if self._client.is_connected:
            with suppress(SMTPException, OSError):
                await self._client.quit(timeout=_CLOSING_SECONDS)
        self._client.close()
