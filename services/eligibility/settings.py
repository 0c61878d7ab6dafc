"""Settings of this service alone."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from shared.settings import Settings


class EligibilitySettings(Settings):
    """`programme_file` replaces the programme that is shipped, for days and amounts to be set."""

    model_config = SettingsConfigDict(env_prefix="ELIGIBILITY_")

    programme_file: Path | None = None
