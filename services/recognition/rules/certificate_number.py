"""Certificate numbers: derived from the application, with check digits against typing errors. Pure.

The digits end with two check digits (ISO 7064, MOD 97-10, as in an IBAN): a single wrong digit and
two transposed neighbours are always detected.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from shared.identifiers import canonical

_SERIALS: Final = 10**8
_MODULUS: Final = 97
_PARTS: Final = {"{year}": r"(?P<year>\d{4})", "{serial}": r"(?P<serial>\d{8})"}
_CHECK: Final = r"(?P<check>\d{2})"
_PATTERN: Final = re.compile(r"[A-Z0-9-]*\{year\}[A-Z0-9-]*\{serial\}[A-Z0-9-]*\{check\}")


@dataclass(frozen=True, slots=True)
class Numbering:
    """A pattern such as `GDHK-{year}-{serial}-{check}`; raises `ValueError` for another form."""

    pattern: str

    def __post_init__(self) -> None:  # noqa: D105  # the class says it
        if not _PATTERN.fullmatch(self.pattern):
            msg = (
                "Must have {year}, {serial} and {check} in this order, each once, "
                "with capitals, digits and hyphens before and between."
            )
            raise ValueError(msg)

    def number(self, round_year: int, application_id: str, attempt: int = 0) -> str:
        """Derive the number of an application's certificate; the same input gives the same number.

        In the rare case of two equal numbers the later application uses the next `attempt`.
        """
        digest = sha256(f"{application_id}/{attempt}".encode()).digest()
        serial = f"{int.from_bytes(digest[:8]) % _SERIALS:08}"
        return self.pattern.format(
            year=round_year, serial=serial, check=_check_digits(f"{round_year}{serial}")
        )

    def is_mistyped(self, number: str) -> bool:
        """Return whether a number has this form but wrong check digits."""
        form = self.pattern.replace("-", "")
        for part, digits in (*_PARTS.items(), ("{check}", _CHECK)):
            form = form.replace(part, digits)
        found = re.fullmatch(form, normalised(number), re.ASCII)
        return found is not None and found["check"] != _check_digits(
            found["year"] + found["serial"]
        )


def _check_digits(digits: str) -> str:
    return f"{_MODULUS + 1 - int(digits) * 100 % _MODULUS:02}"


def normalised(number: str) -> str:
    """Return the canonical form of a number: capitals, without hyphens or other separators."""
    return canonical(number)
