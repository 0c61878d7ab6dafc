"""The reasons that this service gives: of the prerequisites, of the steps, and of objections."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.recognition.rules.procedure import ORDER
from services.recognition.rules.rules import REASON_CODES
from shared.decisions.reasons import Catalogue, load_reasons
from shared.events.envelope import Reason

_ALL: Final = load_reasons(Path(__file__).with_name("reasons.toml"))

REASONS: Final = Catalogue({code: _ALL[code] for code in _ALL if code in REASON_CODES})
OBJECTION_UNRESOLVED: Final = "objection-unresolved"
OBJECTION_DISMISSED: Final = "objection-dismissed"
HOLD_REASONS: Final = Catalogue(
    {code: _ALL[code] for code in (OBJECTION_UNRESOLVED, OBJECTION_DISMISSED)}
)
STEP_REASONS: Final[Mapping[str, Reason]] = {
    f"{step}-{ruling}": _ALL[f"{step}-{ruling}"]
    for step in ORDER
    for ruling in ("approved", "refused")
}
