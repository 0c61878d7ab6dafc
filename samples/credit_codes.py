"""Makes up unified social credit codes: valid, and certainly nobody's.

GB 11714 sets aside the organisations PDY00001 to PDY99999 for use within one system.
"""

from typing import Final

from shared.credit_codes import check_character, organisation_check

_SET_ASIDE: Final = 99_999
_COMPANY: Final = "91"
_GUANGDONG: Final = 440_000


def credit_code(number: int) -> str:
    """Make up the code with that number, from 1; every number has a code of its own."""
    region, organisation = divmod(number - 1, _SET_ASIDE)
    return completed(f"{_COMPANY}{_GUANGDONG + region}PDY{organisation + 1:05}")


def completed(head: str) -> str:
    """Add both check characters to the first 16 characters of a code."""
    code = head + organisation_check(head[8:])
    return code + check_character(code)
