"""Mail addresses and header values, checked before a mail server sees them."""

import re
from typing import Final

from email_validator import validate_email

_CONTROL_CHARACTERS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class UnsafeHeaderError(ValueError):
    """A value for a mail header has a line break or another control character."""


def deliverable(address: str) -> str:
    """Return an address as mail servers expect it, with its domain in ASCII.

    A non-ASCII local part stays: it needs a server with SMTPUTF8.
    """
    if address.isascii():
        return checked_header("address", address)
    parsed = validate_email(address, check_deliverability=False)
    return f"{parsed.local_part}@{parsed.ascii_domain}"


def checked_header(name: str, value: str) -> str:
    """Return the value of a header; raises `UnsafeHeaderError` for a control character."""
    if _CONTROL_CHARACTERS.search(value):
        msg = f"{name}: control character"
        raise UnsafeHeaderError(msg)
    return value
