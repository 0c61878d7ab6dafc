"""Settings of this service alone."""

from pathlib import Path
from typing import Final

from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

SERVICE: Final = "eligibility"


class EligibilitySettings(Settings):
    """`programme_file` replaces the shipped programme, to set days and amounts."""

    model_config = SettingsConfigDict(env_prefix="ELIGIBILITY_")

    programme_file: Path | None = None
