"""Settings of this service alone."""

from typing import Annotated, Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

SERVICE: Final = "portal"


class PortalSettings(Settings):
    """How often the site looks for what was published since."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_")

    refresh_seconds: Annotated[float, Field(gt=0, le=60)] = 1.0
