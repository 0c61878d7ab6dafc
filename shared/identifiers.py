"""The canonical form of everything that identifies: numbers of factories, cases and certificates.

People type one number in many ways. Every comparison and every look-up uses the canonical form;
what was typed is kept beside it.
"""

import re
from functools import lru_cache
from typing import Final
from unicodedata import category, normalize

_ASCII: Final = {
    ord(each): each.upper() if each.isalnum() else None for each in map(chr, range(128))
}
# Letters, marks on letters (so that É is no E) and numbers identify; the rest separates: dashes and
# other punctuation (P), spaces (Z), signs such as U+2212 MINUS (S), controls and invisible
# characters (C).
_IDENTIFIES: Final = frozenset("LMN")
# Letters and marks by category that separate, too: the long sound mark, which East Asian keyboards
# give for a dash, and what Unicode calls default ignorable.
_SEPARATES: Final = re.compile(
    "[\u30fc\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# A business registration number: eight digits, the branch, and what its yearly certificate adds:
# month and year of expiry and a check character.
_HONG_KONG: Final = re.compile(r"([0-9]{8})(?:([0-9]{3})(?:(?:0[1-9]|1[0-2])[0-9]{2}[0-9A-Z])?)?")
_HEAD_OFFICE: Final = "000"


def canonical(typed: str) -> str:
    """Return the canonical form: NFKC, capitals, without spaces and separators of any kind.

    Characters that only look alike stay different, as a Cyrillic and a Latin A. The result is empty
    for a text that has nothing but separators: it identifies nothing.
    """
    if not typed.isascii():
        return _folded(typed)
    return typed.upper() if typed.isalnum() else typed.translate(_ASCII)


@lru_cache(1024)
def _folded(typed: str) -> str:
    capitals = normalize("NFKC", normalize("NFKC", typed).upper())
    kept = (each for each in _SEPARATES.sub("", capitals) if category(each)[0] in _IDENTIFIES)
    return normalize("NFKC", "".join(kept))


def factory_key(registration_number: str) -> str:
    """Return what identifies a factory: the canonical form of its registration number.

    In Hong Kong that is the business registration number with its branch: the head office's, 000,
    if none is given, and without what the certificate of a year adds. Empty if it is no number.
    """
    key = canonical(registration_number)
    if found := _HONG_KONG.fullmatch(key):
        return found[1] + (found[2] or _HEAD_OFFICE)
    return key
