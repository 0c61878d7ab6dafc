"""Numbers of factories: valid, doubtful or none; one factory, however its number is typed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.credit_codes import credit_code
from services.eligibility.rules.batch import case_of
from services.eligibility.rules.catalogue import REASONS
from services.eligibility.rules.comparison import Comparison
from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.repeat import Completion
from services.eligibility.store.history_documents import in_force, read_histories
from shared.clock import hong_kong_date
from tests.eligibility.phases import decided
from tests.factories import NOW, a_submission

CODE = credit_code(7)
IN_HONG_KONG = {"connection": {"ground": "2"}}


def with_number(number, **more):
    return {"factory": {"registration_number": number, **more}}


@pytest.mark.parametrize(
    "wrong",
    [
        "91441900MA59A5AK1X",  # the check characters of another code
        CODE[:-1] + ("0" if CODE[-1] != "0" else "1"),
        CODE[:8] + "O" + CODE[9:],  # no code has the letter O
        CODE[:-1] + "-" + ("2" if CODE[-1] != "2" else "3"),
        "914419000000000000",  # accepted before doors refused it
    ],
)
def test_a_wrong_credit_code_is_referred_and_says_why(wrong):
    decision = decided("5", "new-technology", **with_number(wrong))

    assert decision.outcome == "referred"
    assert decision.reasons == ("credit-code-not-valid", "grant-is-share")
    assert "check characters" in REASONS["credit-code-not-valid"].en


@pytest.mark.parametrize(
    "number",
    [CODE, f"{CODE[:8]}-{CODE[8:]}", CODE + "--", "441900400012345", "4419004000123", "61793001-X"],
)
def test_a_valid_code_and_older_numbers_of_other_lengths_are_not_doubted(number):
    assert decided("5", "new-technology", **with_number(number)).outcome == "eligible"


@pytest.mark.parametrize("number", ["12345678-001", "12345678001", "12345678"])
def test_a_hong_kong_factory_has_no_credit_code(number):
    factory = with_number(number, place="hong-kong")

    assert decided("5", "new-technology", **IN_HONG_KONG, **factory).outcome == "eligible"


def test_a_number_without_a_letter_or_digit_is_referred_and_is_nobody_s():
    decision = decided("5", "new-technology", **with_number("--------"))

    assert (decision.outcome, decision.reasons[0]) == ("referred", "factory-number-missing")
    assert case_of(a_submission("new-technology", **with_number("--------"))) is None


@given(st.lists(st.integers(0, 18), max_size=2))
def test_hyphens_make_no_other_factory(places):
    typed = CODE
    for place in sorted(places, reverse=True):
        typed = f"{typed[:place]}-{typed[place:]}"

    assert case_of(a_submission("new-technology", **with_number(typed))) == (CODE, "new-technology")


def document(typed, **changes):
    return {
        "application_id": "earlier",
        "factory_registration_number": typed,
        "stream": "new-technology",
        "version": 1,
        "received_at": NOW - timedelta(days=1),
        "decided_at": NOW,
        "ruling_id": None,
        "outcome": "eligible",
        **changes,
    }


def test_a_stored_case_is_its_factory_s_however_it_was_typed():
    found = read_histories([], in_force([document(f"{CODE[:8]}-{CODE[8:]}")]))

    assert list(found.open_cases) == [(CODE, "new-technology")]


def test_a_completion_that_was_imported_under_two_ids_counts_once():
    completion = {
        "stream": "assessment",
        "completed_on": "2016-11-30",
        "report_approved": True,
        "recommended_measures": ["Heat"],
    }
    stored = [
        {**completion, "_id": "1", "factory_registration_number": CODE},
        {**completion, "_id": "2", "factory_registration_number": f"{CODE}--"},
    ]

    assert len(read_histories(stored, {}).assessments[CODE]) == 1


def test_a_comparison_of_programmes_finds_the_completion_of_the_same_factory():
    programme = load_programme()
    completed = Completion(hong_kong_date(NOW) - timedelta(days=9), True, ("Heat",))  # noqa: FBT003  # as stored
    strict = Comparison(programme, programme, {CODE: (completed,)})
    submitted = a_submission("assessment", **with_number(f"-{CODE}"))

    assert strict._history(submitted.application, hong_kong_date(NOW)).assessments == (completed,)  # noqa: SLF001  # what both programmes see
