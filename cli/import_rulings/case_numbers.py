"""The application ids of cases older than this platform, derived from their case numbers."""

import re
from typing import Final
from uuid import UUID, uuid5

from shared.identifiers import canonical

_CASES: Final = UUID("6f1f3b52-6f6b-5a55-9a4e-3f2f7f0f6c11")
# As the secretariat writes its case numbers: OIA-2016-0117.
_USUAL: Final = re.compile(r"([A-Z]+)((?:19|20)[0-9]{2})?([0-9]+)")


def id_of_case(case_number: str) -> str:
    """Derive the id of a case from its number, however that is typed.

    It is derived from the number as usually written, and from the canonical form of any other one.
    So the ids of earlier imports stay the same for numbers that were typed in this way.
    """
    number = canonical(case_number)
    usual = _USUAL.fullmatch(number)
    return str(uuid5(_CASES, "-".join(filter(None, usual.groups())) if usual else number))


def id_as_typed(case_number: str) -> str:
    """Derive the id that release 0.1.0 gave to a case, from its number as typed."""
    return str(uuid5(_CASES, case_number))
