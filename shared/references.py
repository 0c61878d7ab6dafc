"""The reference of an application: short enough to say on the telephone and to type.

It is part of the application's id, written for people, so every service gives the same one and
nothing has to keep it. It opens nothing by itself: 67 random bits of the id are missing. Two
applications may have the same reference, though rarely (among a million, one pair in some 70,000
programmes): whoever looks one up gets both.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from unicodedata import normalize

# Crockford's base 32: no I, L, O or U, so no letter is mistaken for a digit.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}
_AS_MEANT: Final = str.maketrans("ILO", "110")
_CHARACTERS: Final = 11
_SHIFTS: Final = range(5 * (_CHARACTERS - 1), -1, -5)
_UNUSED_BITS: Final = 5  # of the 60 random bits before the variant of a UUID
# ISO 7064, hybrid system, for 32 characters: each step doubles modulo 33, where 0 stands for 32.
_FIRST: Final = 16
_DOUBLED: Final = tuple((value or 32) * 2 % 33 for value in range(32))


@lru_cache(maxsize=4096)  # an application's events and mails, and its receipt, follow each other
def reference_of(application_id: str) -> str:
    """Return the reference of an application, such as `AT1Z-J9WQ-AAZQ`.

    The last character checks the others (ISO 7064, hybrid system modulo 33 and 32): one wrong
    character is always noticed, and so are most transpositions.
    """
    # 5683f927-9752-8bef-…: all but the hyphens and the version, which every id has.
    random_bits = int(application_id[:8] + application_id[9:13] + application_id[15:18], 16)
    return _written(random_bits >> _UNUSED_BITS)


def parse_reference(typed: str) -> str | None:
    """Return the reference that a person typed, in its usual form; `None` if it is none.

    Takes any case, missing or other hyphens, spaces, and I, L and O for the digits they look like.
    """
    capitals = normalize("NFKC", typed).upper().translate(_AS_MEANT)
    characters = "".join(each for each in capitals if each.isalnum())
    if len(characters) != _CHARACTERS + 1 or not _VALUES.keys() >= set(characters):
        return None
    reference = _written(_bits(characters))
    return reference if reference.replace("-", "") == characters else None


def id_prefix(reference: str) -> str:
    """Return what the ids of all applications with a reference begin with.

    Ids of other applications may begin with it, too: compare their `reference_of`.
    """
    digits = f"{_bits(reference.replace('-', '')) << _UNUSED_BITS:015x}"
    return f"{digits[:8]}-{digits[8:12]}-"


def _bits(characters: str) -> int:
    bits = 0
    for each in characters[:_CHARACTERS]:
        bits = bits << 5 | _VALUES[each]
    return bits


def _written(bits: int) -> str:
    values = [bits >> shift & 31 for shift in _SHIFTS]
    text = "".join([_ALPHABET[each] for each in values])
    return f"{text[:4]}-{text[4:8]}-{text[8:]}{_check_character(values)}"


def _check_character(values: Iterable[int]) -> str:
    # A table instead of a library's loop: every event has a reference.
    check = _FIRST
    for each in values:
        check = _DOUBLED[check] + each & 31
    return _ALPHABET[1 - _DOUBLED[check] & 31]
