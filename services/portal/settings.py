"""Settings of this service alone."""

from typing import Annotated, Final

from pydantic import Field, NonNegativeInt
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

SERVICE: Final = "portal"


class PortalSettings(Settings):
    """How often the site looks for what was published since, and how it meets the public.

    `public_url` is where readers find the site: feeds, calendars, the site map and what pages say
    to search engines need whole addresses. Without it they have the host that was asked. Behind
    proxies, set `trusted_proxies` (comma-separated), so that addresses are those of the clients and
    the scheme is theirs. `per_minute` is the rate limit of one address per process; 0 means none.
    `image_bytes` of images are held in memory.
    """

    model_config = SettingsConfigDict(env_prefix="PORTAL_")

    refresh_seconds: Annotated[float, Field(gt=0, le=60)] = 1.0
    public_url: Annotated[
        str,
        Field(
            pattern=r"^(https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)?$",
            description="Must be https:// and a host, without a path or a slash at the end.",
        ),
    ] = ""
    trusted_proxies: str = ""
    per_minute: NonNegativeInt = 6_000
    image_bytes: NonNegativeInt = 64_000_000
