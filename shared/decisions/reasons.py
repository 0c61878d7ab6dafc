"""The catalogue of a service's reasons: code, source and a sentence in every language."""

import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from shared.decisions.shared_values import Reasons
from shared.events.envelope import Reason

_CATALOGUE = TypeAdapter(dict[str, dict[str, str]])


class Catalogue(dict[str, Reason]):
    """Reasons by their codes."""

    def __init__(self, reasons: dict[str, Reason]) -> None:
        super().__init__(reasons)
        self.reasons = lru_cache(1024)(self._reasons)

    def _reasons(self, codes: tuple[str, ...]) -> Reasons:
        return Reasons(self[code] for code in codes)


def load_reasons(file: Path) -> Catalogue:
    """Read a catalogue; raises `ValueError` that names a reason with a wrong field."""
    entries = _CATALOGUE.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    return Catalogue({code: _reason(code, fields) for code, fields in entries.items()})


def _reason(code: str, fields: dict[str, str]) -> Reason:
    try:
        return Reason(code=code, **fields)
    except TypeError as error:
        msg = f"Must have source, en, zh_hant and zh_hans, and nothing else: reason {code}."
        raise ValueError(msg) from error
