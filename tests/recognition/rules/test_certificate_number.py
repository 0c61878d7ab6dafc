"""Certificate numbers: derived, unique as far as can be, and safe against a typing error."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recognition.rules.certificate_number import Numbering, normalised

NUMBERING = Numbering("GDHK-{year}-{serial}-{check}")
numbers = st.builds(NUMBERING.number, st.integers(2009, 2100), st.uuids().map(str))


def test_a_number_is_always_the_same_for_an_application():
    assert NUMBERING.number(2025, "an-id") == NUMBERING.number(2025, "an-id")
    assert NUMBERING.number(2025, "an-id") != NUMBERING.number(2025, "an-id", 1)
    assert NUMBERING.number(2025, "00000000-0000-0000-0000-000000000001") == "GDHK-2025-12366463-14"


def test_numbers_of_many_applications_hardly_ever_collide():
    made = {NUMBERING.number(2025, str(uuid4())) for _ in range(2_000)}

    assert len(made) >= 1_999


@given(numbers)
def test_a_derived_number_is_never_reported_as_mistyped(number):
    assert not NUMBERING.is_mistyped(number)
    assert not NUMBERING.is_mistyped(f" {number.lower()} ")


@given(numbers, st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number, position, shift):
    places = [at for at, each in enumerate(number) if each.isdigit()]
    at = places[position]
    wrong = f"{number[:at]}{(int(number[at]) + shift) % 10}{number[at + 1 :]}"

    assert NUMBERING.is_mistyped(wrong)


@given(numbers, st.integers(0, 12))
def test_two_transposed_neighbours_are_always_found(number, position):
    places = [at for at, each in enumerate(number) if each.isdigit()]
    one, other = places[position], places[position + 1]
    digits = list(number)
    digits[one], digits[other] = digits[other], digits[one]

    assert NUMBERING.is_mistyped("".join(digits)) == (number[one] != number[other])


@pytest.mark.parametrize("number", ["", "GDHK-2025-1234567-00", "粵港-2018-001", "x" * 64])
def test_a_number_of_another_form_is_not_reported_as_mistyped(number):
    assert not NUMBERING.is_mistyped(number)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "{serial}",
        "{year}-{serial}",
        "{serial}-{year}-{check}",
        "{year}{year}{serial}{check}",
        "{year}-{serial}-{check}-{more}",
        "gdhk-{year}-{serial}-{check}",
        "{year!r}{serial}{check}",
    ],
)
def test_a_pattern_that_cannot_be_read_back_is_refused(pattern):
    with pytest.raises(ValueError, match="in this order, each once"):
        Numbering(pattern)


@pytest.mark.parametrize(
    "typed",
    [
        " gdhk-\uff12\uff10\uff12\uff15 12345678\uff0d40\n",
        "GDHK202512345678 40",
        "GDHK\u20102025\u201112345678\u201340",
        "GDHK/2025/12345678/40",
        "GDHK.2025.12345678.40",
    ],
)
def test_a_number_is_the_same_however_it_is_typed(typed):
    assert normalised(typed) == normalised("GDHK-2025-12345678-40") == "GDHK20251234567840"


@given(numbers, st.sampled_from(["", " ", "/", "\u2010", "\u2212", "--"]))
def test_a_mistyped_number_is_found_whatever_separates_its_parts(number, separator):
    typed = number.replace("-", separator)
    wrong = typed[:-1] + str((int(typed[-1]) + 1) % 10)

    assert not NUMBERING.is_mistyped(typed)
    assert NUMBERING.is_mistyped(wrong)
