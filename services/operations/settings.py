"""Settings of this service alone."""

from typing import Annotated, Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

SERVICE: Final = "operations"


class OperationsSettings(Settings):
    """How often the figures are read from Kafka, whoever asks for them."""

    model_config = SettingsConfigDict(env_prefix="OPERATIONS_")

    refresh_seconds: Annotated[float, Field(ge=1, le=300)] = 5
