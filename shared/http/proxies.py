"""Which proxies are believed when they say who asks."""

from ipaddress import ip_network
from typing import Annotated, Final

from pydantic import AfterValidator

_RULE: Final = (
    "Must be IP addresses or networks with commas between, such as 10.0.0.5,192.0.2.0/24: only "
    "those of your proxies, because whoever is believed can pass for any client."
)


def _checked(value: str) -> str:
    """Refuse what would be read as a name that no client has, or as everybody."""
    entries = [each.strip() for each in value.split(",")] if value else []
    try:
        networks = [ip_network(each) for each in entries]
    except ValueError as error:
        raise ValueError(_RULE) from error
    if not all(each.prefixlen for each in networks):
        raise ValueError(_RULE)
    return ",".join(entries)


TrustedProxies = Annotated[str, AfterValidator(_checked)]
"""Addresses and networks as `ProxyHeadersMiddleware` takes them; empty for none."""
