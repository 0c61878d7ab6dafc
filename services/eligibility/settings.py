"""Settings of this service alone."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class EligibilitySettings(BaseSettings):
    """`programme_file` replaces the programme that is shipped, for days and amounts to be set."""

    model_config = SettingsConfigDict(env_prefix="ELIGIBILITY_", frozen=True)

    programme_file: Path | None = None
