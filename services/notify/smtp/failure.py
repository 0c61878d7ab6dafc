"""Why a connection to the mail server could not be opened: the step, and the server's code."""

import re
import ssl
from typing import Final

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
)

_NOT_OFFERED: Final = re.compile(r"\b(STARTTLS|AUTH) extension (?:is )?not supported\b")


def failure_of(error: BaseException, *, connected: bool) -> str:
    """Return step and code, such as `starttls-454`; never the server's text.

    `connected` tells whether the connection was open, with TLS and authentication, when it failed.
    """
    if isinstance(error, SMTPResponseException):
        if error.code < 0:  # the library's code for what is no reply, without the step
            return "malformed-reply"
        return f"{_step(error, connected=connected)}-{error.code}"
    if tls := _tls_error(error):
        return f"tls-{(tls.reason or 'failed').lower().replace('_', '-')}"
    if isinstance(error, TimeoutError):
        return "timed-out"
    if found := _NOT_OFFERED.search(str(error)):
        return f"{found[1].lower()}-not-offered"
    return "protocol-error" if type(error) is SMTPException else "connection-failed"


def _step(error: SMTPResponseException, *, connected: bool) -> str:
    match error:
        case SMTPConnectResponseError():
            return "connect"
        case SMTPHeloError():
            return "ehlo"
        case SMTPAuthenticationError():
            return "auth"
        case _:  # the library has no error of its own for these two
            return "noop" if connected else "starttls"


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    while error:
        if isinstance(error, ssl.SSLError):
            return error
        error = error.__cause__
    return None
