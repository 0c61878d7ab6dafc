"""Settings of this service alone."""

from typing import Annotated, Final

from pydantic import Field, NonNegativeInt, StringConstraints
from pydantic_settings import SettingsConfigDict

from shared.http.proxies import TrustedProxies
from shared.settings import Settings

SERVICE: Final = "portal"


HttpAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s@?#]+(/[^\s@?#]*)?$")]
_AN_ADDRESS: Final = "Must be an address without a password, such as http://eligibility:8002."


class PortalSettings(Settings):
    """How often the site looks for what was published since, and how it meets the public.

    `public_url` is where readers find the site: feeds, calendars, the site map and what pages say
    to search engines need whole addresses. Without it they have the host that was asked. Behind
    proxies, set `trusted_proxies` (comma-separated), so that addresses are those of the clients and
    the scheme is theirs. `per_minute` is the rate limit of one address per process; 0 means none.
    `image_bytes` of images are held in memory.

    `eligibility` has `eligibility_seconds` for an answer to the self-check, of which an address may
    ask one process for `checks_per_minute`. `intake_public_url` is where visitors reach `intake`.
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
    trusted_proxies: TrustedProxies = ""
    per_minute: NonNegativeInt = 6_000
    image_bytes: NonNegativeInt = 64_000_000
    eligibility_url: HttpAddress = Field("http://127.0.0.1:8002", description=_AN_ADDRESS)
    eligibility_seconds: Annotated[float, Field(ge=0.1, le=30)] = 3.0
    checks_per_minute: NonNegativeInt = 30
    intake_public_url: HttpAddress | None = Field(None, description=_AN_ADDRESS)
