"""Settings of this service alone."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class RecognitionSettings(BaseSettings):
    """`scheme_file` replaces the scheme that is shipped, for rounds and minimums to be set."""

    model_config = SettingsConfigDict(env_prefix="RECOGNITION_", frozen=True)

    scheme_file: Path | None = None
