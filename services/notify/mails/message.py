"""Composes a mail: the same notification to the same recipient always gives the same bytes."""

import binascii
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, quote
from functools import cache
from hashlib import blake2b
from typing import Final

from services.notify.address import checked_header, deliverable
from services.notify.mails.rendering import Renderer
from services.notify.model import Notification, Recipient
from shared.clock import HONG_KONG
from shared.events.envelope import Language

_CRLF: Final = "\r\n"
_WORD_BYTES: Final = 42  # an encoded word and any header name fit into 78 characters
_LINE: Final = 76  # characters of base64 (RFC 2045)

# Characters with a special meaning in an address (RFC 5322).
_SPECIAL_CHARACTERS: Final = re.compile(r'[][\\()<>@,:;".]')


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to send; `message` is complete and has CRLF line ends."""

    recipient: str = field(repr=False)
    message: bytes = field(repr=False)
    message_id: str
    language: Language


class Composer:
    """Composes mails from one sender address; recipients see the name of the programme."""

    def __init__(self, renderer: Renderer, sender: str, reply_to: str) -> None:
        self._renderer = renderer
        self.sender = deliverable(sender)
        self._from = {
            language: mailbox(name, self.sender) for language, name in renderer.sender_names.items()
        }
        self._domain = self.sender.rpartition("@")[2]
        self._reply_to = deliverable(reply_to)

    def compose(self, notification: Notification, recipient: Recipient) -> Mail:
        """Compose the mail for a notification; raises `UnsafeHeaderError` for bad header text."""
        application_id = checked_header("X-Application-Id", notification.application_id)
        rendered = self._renderer.write(notification, recipient.name, recipient.language)
        digest = _digest(notification.id)
        address = deliverable(recipient.email)
        headers = {
            "From": self._from[recipient.language],
            "Reply-To": self._reply_to,
            "To": mailbox(recipient.name, address),
            "Subject": _subject(rendered.subject, rendered.reference),
            "Date": _date(notification.occurred_at),
            "Message-ID": f"<{digest}@{self._domain}>",
            "X-Application-Id": application_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": recipient.language,
            "MIME-Version": "1.0",
            # No body can contain this: both encodings escape or lack its characters.
            "Content-Type": f'multipart/alternative;{_CRLF} boundary="=_{digest}"',
        }
        boundary = f"--=_{digest}"
        message = _CRLF.join(
            [
                *(f"{name}: {value}" for name, value in headers.items()),
                "",
                *(boundary, _part("plain", rendered.text)),
                *(boundary, _part("html", rendered.html)),
                f"{boundary}--",
                "",
            ]
        )
        return Mail(address, message.encode(), headers["Message-ID"], recipient.language)


def mailbox(name: str, address: str) -> str:
    """Format a display name with its address.

    Non-ASCII text becomes encoded words (RFC 2047), and so does text that looks like one.
    """
    checked_header("name", name)
    if not name.isascii() or "=?" in name:
        return f"{_encoded_words(name)}{_CRLF} <{address}>"
    if _SPECIAL_CHARACTERS.search(name):
        return f'"{quote(name)}" <{address}>'
    return f"{name} <{address}>"


def _subject(text: str, reference: str) -> str:
    """Add the reference, by which a person tells the mails of several applications apart."""
    return f"{_encoded_subject(text)}{_CRLF} [{reference}]"


@cache
def _encoded_subject(text: str) -> str:
    return text if checked_header("Subject", text).isascii() else _encoded_words(text)


def _encoded_words(text: str) -> str:
    """Encode text in words of RFC 2047, one per line, none split inside a character."""
    words, pending = [], b""
    for character in text:
        encoded = character.encode()
        if len(pending) + len(encoded) > _WORD_BYTES:
            words.append(pending)
            pending = b""
        pending += encoded
    return f"{_CRLF} ".join(
        f"=?utf-8?b?{binascii.b2a_base64(each, newline=False).decode()}?="
        for each in (*words, pending)
    )


def _digest(notification_id: str) -> str:
    return blake2b(notification_id.encode(), digest_size=16).hexdigest()


def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(HONG_KONG))


def _part(subtype: str, text: str) -> str:
    encoding, body = _encoded(text)
    return _CRLF.join(
        [
            f"Content-Type: text/{subtype}; charset=utf-8",
            f"Content-Transfer-Encoding: {encoding}",
            "",
            body,
        ]
    )


def _encoded(text: str) -> tuple[str, str]:
    """Encode a body in short ASCII lines: readable if mostly ASCII, else the shorter encoding."""
    content = text.replace("\n", _CRLF).encode()
    foreign_bytes = len(content) - len(content.decode("ascii", "ignore"))
    if foreign_bytes * 6 < len(content):
        return "quoted-printable", binascii.b2a_qp(content, istext=True).decode()
    return "base64", _in_lines(binascii.b2a_base64(content, newline=False).decode())


def _in_lines(text: str) -> str:
    return _CRLF.join([text[at : at + _LINE] for at in range(0, len(text), _LINE)])
