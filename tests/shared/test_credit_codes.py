"""Unified social credit codes: alphabet, form and both check characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from samples.credit_codes import completed, credit_code
from shared.credit_codes import (
    ALPHABET,
    check_character,
    factory_number_flaw,
    is_credit_code,
    is_wrong_credit_code,
    organisation_check,
)

# Published codes: the library's own example, and those of well-known companies.
PUBLISHED = ["91110000600037341L", "91440300708461136T", "9144030071526726XG"]
codes = st.builds(
    "91{}{}".format,
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=8, max_size=8),
).map(completed)


def test_the_check_character_of_an_organisation_code_is_the_standard_s():
    assert organisation_check("D2143569") == "X"  # GB 11714-1997, the example of its annex


@given(st.text(ALPHABET, min_size=17, max_size=17))
def test_the_check_character_of_a_code_is_the_one_that_stdnum_computes(body):
    assert check_character(body) == uscc.calc_check_digit(body)


@pytest.mark.parametrize("place", range(17))
@pytest.mark.parametrize("character", ALPHABET)
def test_every_character_counts_with_the_weight_of_its_place(place, character):
    body = "0" * place + character + "0" * (16 - place)

    assert check_character(body) == uscc.calc_check_digit(body)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8))
def test_the_check_character_of_an_organisation_code_is_computed_as_the_standard_says(body):
    weighted = zip((3, 7, 9, 10, 5, 8, 4, 2), body, strict=True)
    check = 11 - sum(weight * int(each, 36) for weight, each in weighted) % 11

    assert organisation_check(body) == {10: "X", 11: "0"}.get(check, str(check))


@pytest.mark.parametrize("code", PUBLISHED)
def test_a_published_code_is_one(code):
    assert is_credit_code(code)
    assert not is_wrong_credit_code(code)
    assert factory_number_flaw(code) is None


@given(codes)
def test_a_code_that_was_made_up_for_this_is_one(code):
    assert is_credit_code(code)
    assert uscc.is_valid(code)


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(code, place, character):
    typed = code[:place] + character + code[place + 1 :]

    assert is_credit_code(typed) == (typed == code)


def test_the_inner_check_character_is_checked_beside_the_outer_one():
    good = credit_code(1)
    wrong = good[:16] + ("1" if good[16] != "1" else "2")
    wrong += uscc.calc_check_digit(wrong)

    assert uscc.is_valid(wrong)  # the library knows the outer one alone
    assert not is_credit_code(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        "91441900MA59A5AK1X",
        "91441900MA4W8Q2K1X",
        "91440000SAMPLE0001",
        "9144190IMA59A5AK1X",
        "914419000000000000",
        "91110000600037341\u041b",
        "ABCDEFGHJKLMNPQRTU",
    ],
)
def test_18_characters_that_are_no_code_are_told_as_wrong(wrong):
    assert is_wrong_credit_code(wrong)


@pytest.mark.parametrize(
    "older",
    ["441900400012345", "4419004000123", "61793001X", "12345678001", "粤莞总字第1号", "1" * 20],
)
def test_a_number_of_another_length_is_neither_checked_nor_refused(older):
    assert not is_wrong_credit_code(older)


@pytest.mark.parametrize("typed", ["--------", "-------1", "1-2-3-4-5-6-7", "", "\u2014" * 9])
def test_a_number_needs_eight_letters_or_digits(typed):
    assert factory_number_flaw(typed) == "Must have at least 8 letters or digits."


@pytest.mark.parametrize(
    "typed", ["914419000000000000", "914419001234567000", "914419-00123456-7000"]
)
def test_a_number_that_a_spreadsheet_has_shortened_is_refused(typed):
    rule = factory_number_flaw(typed)

    assert rule
    assert rule.startswith("Must be the number as on the licence")


def test_a_code_that_really_ends_in_zeros_is_taken():
    heads = (f"91440100{number:07}0" for number in range(100_000))
    ending = next(code for head in heads if (code := completed(head)).endswith("000"))

    assert factory_number_flaw(ending) is None


def test_made_up_codes_are_all_different_and_in_the_range_that_is_set_aside():
    made = [credit_code(number) for number in (1, 2, 99_998, 99_999, 100_000, 1_000_000)]

    assert len(set(made)) == len(made)
    assert all(is_credit_code(each) and each[8:11] == "PDY" for each in made)


@pytest.mark.parametrize("typed", ["91441900MA59A5AK1X", "12345678-001", "4419004000120000"])
def test_other_numbers_are_taken(typed):
    assert factory_number_flaw(typed) is None
