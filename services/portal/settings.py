"""Settings of this service alone."""

from typing import Annotated, Final

from pydantic import Field, NonNegativeInt, StringConstraints
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

SERVICE: Final = "portal"


HttpAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s@?#]+(/[^\s@?#]*)?$")]
_AN_ADDRESS: Final = "Must be an address without a password, such as http://eligibility:8002."


class PortalSettings(Settings):
    """How often the site looks for what was published since, and whom the self-check asks.

    `eligibility` has `eligibility_seconds` for its answer. Each visitor may ask one process for
    `checks_per_minute` answers; 0 means no limit. `intake_public_url` is where visitors reach
    `intake`.
    """

    model_config = SettingsConfigDict(env_prefix="PORTAL_")

    refresh_seconds: Annotated[float, Field(gt=0, le=60)] = 1.0
    eligibility_url: HttpAddress = Field("http://127.0.0.1:8002", description=_AN_ADDRESS)
    eligibility_seconds: Annotated[float, Field(ge=0.1, le=30)] = 3.0
    checks_per_minute: NonNegativeInt = 30
    intake_public_url: HttpAddress | None = Field(None, description=_AN_ADDRESS)
