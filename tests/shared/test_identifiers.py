"""One number, however it is typed, has one canonical form."""

import sys
from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identifiers import canonical, factory_key

CODE = "91441900MA59A5AK1X"
FULL_WIDTH = {each: each + 0xFEE0 for each in range(0x21, 0x7F)}


def separates(character: str) -> bool:
    """Whether it is neither letter, mark nor number: noncharacters and the like are among them."""
    first, *others = (category(each)[0] for each in normalize("NFKC", character))
    return first in "PSZC" and not set(others) & set("LMN")


SEPARATORS = st.integers(0, sys.maxunicode).map(chr).filter(separates)


@pytest.mark.parametrize(
    "typed",
    [
        "91441900-MA59A5AK1X",
        "91441900MA59A5AK1X--",
        "--91441900MA59A5AK1X",
        " 91441900MA59A5AK1X\n",
        "91441900ma59a5ak1x",
        "91441900 MA59 A5AK 1X",
        "91441900.MA59A5AK.1X",
        "91441900/MA59A5AK/1X",
        "91441900_MA59A5AK_1X",
        "(91441900) MA59A5AK1X",
        "91441900\\MA59A5AK1X",
        "91441900\u2010MA59A5AK1X",
        "91441900\u2011MA59A5AK1X",
        "91441900\u2013MA59A5AK1X",
        "91441900\u2014\u2014MA59A5AK1X",
        "91441900\u2212MA59A5AK1X",
        "91441900\u00adMA59A5AK1X",
        "91441900\ufe63MA59A5AK1X",
        "91441900\uff0dMA59A5AK1X",
        "91441900\u30fcMA59A5AK1X",
        "91441900\uff70MA59A5AK1X",
        "91441900\u00b7MA59A5AK1X",
        "91441900\u3000MA59A5AK1X",
        "91441900\u00a0MA59A5AK1X",
        "91441900\u200bMA59A5AK1X",
        "91441900\ufeffMA59A5AK1X",
        "91441900\ufe0fMA59A5AK1X",
        "91441900\u2795MA59A5AK1X",
        CODE.translate(FULL_WIDTH),
        "91441900-ma59a5ak1x".translate(FULL_WIDTH),
        CODE.replace("1", "\u2460"),  # digits in circles
    ],
)
def test_every_way_to_type_a_number_is_the_same_number(typed):

    assert canonical(typed) == canonical(CODE) == CODE


@pytest.mark.parametrize("typed", ["", "-", "--------", "\u2014\u2014", " . / _ ", "\u200b\ufeff"])
def test_what_has_only_separators_is_no_number(typed):
    assert canonical(typed) == ""
    assert factory_key(typed) == ""


@pytest.mark.parametrize(
    "other",
    [
        CODE.replace("MA", "M\u0410"),  # Cyrillic A
        CODE.replace("MA", "M\u0391"),  # Greek Alpha
        CODE.replace("MA", "M\u00c0"),  # A with an accent
        CODE.replace("MA", "MA\u0300"),  # the same in two characters
        CODE.replace("0", "O"),
        CODE.replace("1X", "IX"),
        CODE[:-1],
    ],
)
def test_what_only_looks_like_a_number_is_another_one(other):
    assert canonical(other) != CODE


def test_an_accent_in_one_character_or_two_is_the_same():
    assert canonical("caf\u00e9-1") == canonical("CAFE\u0301 1") == "CAF\u00c91"


@pytest.mark.parametrize(
    "typed",
    ["12345678-001", "12345678001", "12345678 001", "12345678-001-05-26-9", "12345678001-10-27-A"],
)
def test_a_hong_kong_factory_is_its_business_registration_number_and_branch(typed):
    assert factory_key(typed) == "12345678001"


@pytest.mark.parametrize("typed", ["12345678", "12345678-000", "12345678-000-05-26-9"])
def test_a_number_without_a_branch_is_the_head_office_s(typed):
    assert factory_key(typed) == "12345678000"


@pytest.mark.parametrize("typed", ["12345678-002", "12345679-001", "12345678-001-13-26-9"])
def test_another_branch_enterprise_or_form_is_another_factory(typed):
    assert factory_key(typed) != "12345678001"


@pytest.mark.parametrize("older", ["441900400012345", "4419004000123", "61793001X", "粤莞12345678"])
def test_older_numbers_of_other_lengths_are_kept_whole(older):
    assert factory_key(older) == older


@given(st.text())
def test_the_canonical_form_is_its_own_canonical_form(typed):
    assert canonical(canonical(typed)) == canonical(typed)
    assert factory_key(factory_key(typed)) == factory_key(typed)


@given(st.text())
def test_width_and_composition_make_no_difference(typed):
    assert canonical(normalize("NFD", typed)) == canonical(typed)
    assert canonical(normalize("NFKC", typed)) == canonical(typed)


@given(
    st.text(
        st.characters(max_codepoint=0x24F)
        | st.characters(min_codepoint=0xFF01, max_codepoint=0xFF5E)
    )
)
def test_case_makes_no_difference(typed):
    assert canonical(typed.upper()) == canonical(typed.lower()) == canonical(typed)


@given(
    st.lists(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", max_size=4), max_size=8),
    st.lists(SEPARATORS, min_size=9, max_size=9),
)
def test_separators_make_no_difference_wherever_they_are(parts, separators):
    typed = "".join(separator + part for separator, part in zip(separators, parts, strict=False))

    assert canonical(typed + separators[-1]) == "".join(parts)
    assert canonical(typed.lower()) == "".join(parts)


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY"), st.text("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_different_numbers_stay_different(one, other):
    assert (canonical(one) == canonical(other)) == (one == other)
