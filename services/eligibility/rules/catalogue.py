"""The reasons that this service gives."""

from pathlib import Path
from typing import Final

from shared.decisions.reasons import load_reasons

REASONS: Final = load_reasons(Path(__file__).with_name("reasons.toml"))
