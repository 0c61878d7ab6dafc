"""The address of the mail server."""

from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from services.notify.smtp.time_limits import TimeLimits

_PORTS: Final = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server. `tls` means from the first byte; otherwise STARTTLS is used if offered.

    With a password STARTTLS is required, so that the password is never sent in the clear.
    """

    host: str
    port: int
    tls: bool
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    limits: TimeLimits = field(default_factory=TimeLimits)

    @classmethod
    def at(cls, url: str) -> Self:
        """Parse a URL `smtp[s]://[user:password@]host[:port]`.

        Raises `ValueError` that says what is wrong without showing the URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            msg = "Must look like smtp://host:port or smtps://user:password@host:port."
            raise ValueError(msg)
        if (parts.username is None) != (parts.password is None):
            msg = "Must have both user and password, percent-encoded, or neither."
            raise ValueError(msg)
        if parts.path.strip("/") or parts.query or parts.fragment:
            msg = (
                "Must have nothing after the port: there are no options. smtps:// begins with TLS, "
                "smtp:// with a password demands STARTTLS. A password has to be percent-encoded."
            )
            raise ValueError(msg)
        return cls(
            host=parts.hostname,
            port=_port(parts.netloc) or _PORTS[parts.scheme],
            tls=parts.scheme == "smtps",
            user=_decoded(parts.username),
            password=_decoded(parts.password),
        )


def _port(netloc: str) -> int | None:
    try:
        port = urlsplit(f"//{netloc}").port
    except ValueError:
        port = 0
    if port == 0:
        msg = "Must have a port between 1 and 65535; a password has to be percent-encoded."
        raise ValueError(msg)
    return port


def _decoded(part: str | None) -> str | None:
    return None if part is None else unquote(part, errors="strict")
