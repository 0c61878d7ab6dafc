"""The catalogue of a service's reasons: code, source and a sentence in every language."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter

from shared.events.envelope import Reason

_CATALOGUE = TypeAdapter(dict[str, dict[str, str]])


def load_reasons(file: Path) -> Mapping[str, Reason]:
    """Read a catalogue; raises an error that names a reason with a missing or unknown field."""
    entries = _CATALOGUE.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    return {code: _reason(code, fields) for code, fields in entries.items()}


def _reason(code: str, fields: dict[str, str]) -> Reason:
    try:
        return Reason(code=code, **fields)
    except TypeError as error:
        msg = f"reason {code}: needs source, en, zh_hant and zh_hans, and nothing else"
        raise ValueError(msg) from error
