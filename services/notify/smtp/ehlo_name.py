"""The name by which this service introduces itself to the mail server."""

import socket
from typing import Final

# A name under these is known to this machine or cluster alone.
_PRIVATE: Final = (".local", ".localdomain", ".internal")


def ehlo_name(configured: str | None, sender: str) -> str:
    """Return the configured name, else the host's if fully qualified, else the sender's domain.

    Mail servers refuse names that are not fully qualified, such as a container's id.
    """
    if configured:
        return configured
    host = socket.gethostname()
    if "." in host and not host.endswith(_PRIVATE):
        return host
    return sender.rpartition("@")[2]
