"""Unified social credit codes, the registration numbers of the Mainland since 2015. Pure.

18 characters by GB 32100-2015: authority, kind, six digits of the region, nine characters of the
organisation and a check character. The organisation's ninth is a check character as well, by
GB 11714-1997. Older registration numbers have other lengths, and nothing about them is checked.
"""

import re
from operator import mul
from typing import Final

from shared.identifiers import canonical

LENGTH: Final = 18
ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and capitals without I, O, S, V and Z, which are mistaken for others."""

_FORM: Final = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}")
_FEWEST: Final = 8
# The value of each character is its place in the alphabet, and in GB 11714 among all 36.
_VALUES: Final = bytes.maketrans(ALPHABET.encode(), bytes(range(len(ALPHABET))))
_WEIGHTS: Final = tuple(pow(3, place, len(ALPHABET)) for place in range(LENGTH - 1))
_ORGANISATION: Final = slice(8, 16)
_ORGANISATION_VALUES: Final = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", bytes((*range(10, 36), *range(10)))
)
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
# A spreadsheet keeps 15 digits of a number and writes zeros for the rest.
_SHORTENED: Final = re.compile(r"[0-9]{15}000")


def is_credit_code(code: str) -> bool:
    """Return whether a canonical number is a unified social credit code, check characters too."""
    return (
        _FORM.fullmatch(code) is not None
        and code[16] == organisation_check(code[_ORGANISATION])
        and code[17] == check_character(code[:17])
    )


def check_character(body: str) -> str:
    """Return the check character of a code's first 17 (GB 32100): modulo 31, weights 3 ** n."""
    # Tables instead of a library's loop: this is judged for every application, many times a second.
    total = sum(map(mul, body.encode().translate(_VALUES), _WEIGHTS))
    return ALPHABET[-total % len(ALPHABET)]


def organisation_check(body: str) -> str:
    """Return the check character of an organisation code's first eight (GB 11714)."""
    values = body.encode().translate(_ORGANISATION_VALUES)
    return "0123456789X"[-sum(map(mul, values, _ORGANISATION_WEIGHTS)) % 11]


def is_wrong_credit_code(key: str) -> bool:
    """Return whether a canonical number has a credit code's length, and yet is none."""
    return len(key) == LENGTH and not is_credit_code(key)


def factory_number_flaw(typed: str) -> str | None:
    """Return the rule that a factory's registration number breaks where it is entered, if any.

    A credit code with a wrong character is no flaw here: a person decides on it.
    """
    number = canonical(typed)
    if len(number) < _FEWEST:
        return f"Must have at least {_FEWEST} letters or digits."
    if _SHORTENED.fullmatch(number) and not is_credit_code(number):
        return (
            "Must be the number as on the licence: a spreadsheet has replaced its last digits by "
            "zeros. Format the column as text, and enter the number again."
        )
    return None
