"""Settings of this service alone."""

from pathlib import Path
from typing import Final

from pydantic import PositiveFloat
from pydantic_settings import SettingsConfigDict

from shared.settings import Settings

SERVICE: Final = "recognition"


class RecognitionSettings(Settings):
    """`scheme_file` replaces the scheme that is shipped, for rounds and minimums to be set.

    Labels that are due to be awarded or to expire are looked for every `sweep_seconds`.
    """

    model_config = SettingsConfigDict(env_prefix="RECOGNITION_")

    scheme_file: Path | None = None
    sweep_seconds: PositiveFloat = 1.0
