"""Settings of this service alone."""

from pathlib import Path
from typing import Final

from pydantic import NonNegativeInt, PositiveInt
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

SERVICE: Final = "eligibility"


class EligibilitySettings(Settings):
    """`programme_file` replaces the shipped programme, to set days and amounts.

    Dry runs: at most `assessments_per_minute` in one process, whoever asks, so that decisions do
    not wait for them (0 means no limit), each of at most `max_body_bytes`.
    """

    model_config = SettingsConfigDict(env_prefix="ELIGIBILITY_")

    programme_file: Path | None = None
    assessments_per_minute: NonNegativeInt = 3_000
    max_body_bytes: PositiveInt = 64 * 1024
