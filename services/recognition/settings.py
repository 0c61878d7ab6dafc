"""Settings of this service alone."""

from pathlib import Path
from typing import Final

from pydantic import PositiveFloat
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

SERVICE: Final = "recognition"


class RecognitionSettings(Settings):
    """`scheme_file` replaces the shipped scheme, to set rounds and minimums.

    Candidacies that are due are reviewed every `sweep_seconds`.
    """

    model_config = SettingsConfigDict(env_prefix="RECOGNITION_")

    scheme_file: Path | None = None
    sweep_seconds: PositiveFloat = 1.0
