"""Default addresses of the services: those of the embedded stack."""

from typing import Final

import httpx
import typer

INTAKE_URL: Final = "http://127.0.0.1:8001"
ELIGIBILITY_URL: Final = "http://127.0.0.1:8002"
RECOGNITION_URL: Final = "http://127.0.0.1:8003"
NOTIFY_URL: Final = "http://127.0.0.1:8004"
RECONCILIATION_URL: Final = "http://127.0.0.1:8006"

_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def needs_no_proxy(url: str) -> bool:
    """Return whether an address is on this machine, which a proxy could not reach."""
    return httpx.URL(url).host in _THIS_MACHINE


def checked_url(url: str) -> str:
    """Check the address of a service; a callback for typer options."""
    parsed = httpx.URL(url)
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        msg = f"Must be an address of a service, such as {INTAKE_URL}, not {url!r}."
        raise typer.BadParameter(msg)
    return url.rstrip("/")
