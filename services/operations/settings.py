"""Settings of this service alone."""

from typing import Final

from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

SERVICE: Final = "operations"


class OperationsSettings(Settings):
    """None yet."""

    model_config = SettingsConfigDict(env_prefix="OPERATIONS_")
