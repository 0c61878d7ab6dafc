"""Where a candidacy stands: no label while a step is missing, whatever the order of rulings."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recognition.rules.procedure import ORDER
from services.recognition.rules.scheme import load_scheme
from services.recognition.rules.steps import candidacy_status, steps_passed_in_order, validity
from shared.events.casework import CaseRuled
from tests.recognition.rulings import RULED_AT, a_case, a_ruling, all_approved, an_award

PROCEDURE = load_scheme().procedure(2025)
ANY_ID = "00000000-0000-0000-0000-000000000001"
AFTER_NOTICE = date(2025, 9, 20)


def status_of(*rulings, today=AFTER_NOTICE, **changes):
    return candidacy_status(a_case(*rulings, **changes), PROCEDURE, today)


def approved_but(*steps):
    return [each for each in all_approved(ANY_ID) if each.step not in steps]


@pytest.mark.parametrize("step", ORDER)
def test_a_missing_step_stops_the_award_and_is_named(step):  # R8
    status = status_of(*approved_but(step))

    assert (status.state, status.missing) == ("steps-missing", (step,))


def test_all_steps_and_a_notice_that_is_over_lead_to_the_award():  # R8
    status = status_of(*all_approved(ANY_ID))

    assert (status.state, status.missing) == ("to-be-awarded", ())
    assert validity(status, PROCEDURE) == (date(2025, 9, 20), date(2027, 9, 19))


def test_on_the_last_day_of_the_notice_nothing_is_awarded_yet():  # R8
    status = status_of(*all_approved(ANY_ID), today=date(2025, 9, 19))

    assert status.state == "notice-running"
    assert status.notice.ends_on == date(2025, 9, 19)
    assert status.notice.calendar == "mainland"


@pytest.mark.parametrize("step", ORDER)
def test_a_refusal_at_any_step_closes_the_candidacy(step):
    refusal = a_ruling(ANY_ID, step, "refused")

    status = status_of(*all_approved(ANY_ID), refusal)

    assert (status.state, status.refusals) == ("refused", (refusal,))


@pytest.mark.parametrize(
    ("days", "ends_on"),
    [
        # 18 to 24 September 2019 (S22), and five working days from 9 November 2012 on (S33).
        ({"notice_from": date(2019, 9, 18), "notice_to": date(2019, 9, 24)}, date(2019, 9, 24)),
        ({"notice_from": date(2019, 9, 18), "notice_to": None}, date(2019, 9, 24)),
        ({"notice_from": date(2012, 11, 9), "notice_to": None}, date(2012, 11, 15)),
        # Stated too short: what is laid down holds. Stated longer: so be it.
        ({"notice_from": date(2019, 9, 18), "notice_to": date(2019, 9, 20)}, date(2019, 9, 24)),
        ({"notice_from": date(2019, 9, 18), "notice_to": date(2019, 9, 30)}, date(2019, 9, 30)),
        # Over the National Day week, with Sunday 29 September worked in exchange.
        ({"notice_from": date(2019, 9, 28), "notice_to": None}, date(2019, 10, 10)),
        # Only the ruling's own day is known: the notice counts from it.
        ({"notice_from": None, "notice_to": None}, date(2025, 9, 16)),
        ({"notice_from": None, "notice_to": date(2025, 9, 12)}, date(2025, 9, 12)),
        # A year without data: not known, unless an officer states the day.
        ({"notice_from": date(2150, 1, 4), "notice_to": None}, None),
        ({"notice_from": date(2150, 1, 4), "notice_to": date(2150, 1, 8)}, date(2150, 1, 8)),
    ],
)
def test_the_notice_ends_as_the_mainlands_working_days_say(days, ends_on):
    notice = status_of(a_ruling(ANY_ID, "notice-period", **days)).notice

    assert (notice.ends_on, notice.calendar) == (ends_on, "mainland")


def test_a_notice_end_without_calendar_data_is_never_guessed():
    unknown = {"notice_from": date(2150, 1, 4), "notice_to": None}
    rulings = [*approved_but("notice-period"), a_ruling(ANY_ID, "notice-period", **unknown)]

    assert status_of(*rulings, today=date(2160, 1, 1)).state == "notice-end-not-known"


def test_of_several_notices_the_latest_end_counts():
    longer = a_ruling(ANY_ID, "notice-period", notice_to=date(2025, 9, 26))
    undated = a_ruling(ANY_ID, "notice-period", notice_from=None, notice_to=None)

    assert status_of(*all_approved(ANY_ID), longer, undated).notice.ends_on == date(2025, 9, 26)


def test_the_label_is_valid_from_the_day_on_which_the_last_requirement_was_met():
    late = RULED_AT + timedelta(days=60)
    rulings = [
        *approved_but("violation-check"),
        a_ruling(ANY_ID, "violation-check", ruled_at=late),
    ]

    first, _ = validity(status_of(*rulings, today=date(2026, 1, 1)), PROCEDURE)

    assert first == date(2025, 11, 9)


@pytest.mark.parametrize("version", [1, 3])
def test_rulings_on_another_version_do_not_count(version):
    rulings = all_approved(ANY_ID, version=version)
    refusal = a_ruling(ANY_ID, "joint-committee", "refused", version=version)

    status = status_of(*rulings, refusal, version=2)

    assert (status.state, status.missing, status.refusals) == ("steps-missing", ORDER, ())


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"withdrawn": True}, "withdrawn"),
        ({"outcome": "not-qualified"}, "not-qualified"),
        ({"outcome": "not-qualified", "round_year": None}, "not-qualified"),
        ({"outcome": "referred"}, "to-be-awarded"),  # the document check has settled it
        ({"award": an_award()}, "awarded"),
        ({"award": an_award(), "withdrawn": True}, "awarded"),
        ({"award": an_award(valid_to=date(2025, 9, 20))}, "awarded"),
        ({"award": an_award(valid_to=date(2025, 9, 19))}, "expired"),
    ],
)
def test_a_final_state_takes_precedence_over_missing_steps(changes, state):
    assert status_of(*all_approved(ANY_ID), **changes).state == state


def test_a_referred_candidacy_waits_for_the_document_check():
    status = status_of(*approved_but("document-check"), outcome="referred")

    assert (status.state, status.missing) == ("referred", ("document-check",))


def test_steps_are_announced_in_order_up_to_the_first_missing_one():
    status = status_of(*reversed(approved_but("joint-committee")))

    announced = [each.step for each in steps_passed_in_order(status, PROCEDURE)]
    assert announced == ["document-check", "on-site-assessment"]


def test_every_order_of_the_rulings_gives_the_same_status():
    rulings = all_approved(ANY_ID)
    case = a_case()

    status = {
        candidacy_status(a_case(*order, candidate=case.candidate), PROCEDURE, AFTER_NOTICE).state
        for order in permutations(rulings)
    }

    assert status == {"to-be-awarded"}


moments = st.datetimes(datetime(2024, 1, 1), datetime(2026, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds are naive by definition
days = st.dates(date(2024, 1, 1), date(2026, 6, 1))
rulings = st.builds(
    CaseRuled,
    application_id=st.just(ANY_ID),
    version=st.integers(1, 2),
    ruling_id=st.sampled_from(["a", "b", "c"]),
    step=st.sampled_from(ORDER),
    ruling=st.sampled_from(["approved", "approved", "approved", "refused"]),
    ruled_at=moments,
    notice_from=st.none() | days,
    notice_to=st.none() | days,
    reasons=st.just(()),
    adjusted_cost_cents=st.none(),
    grant_cents=st.none(),
)
many = st.lists(rulings, max_size=12)


@given(many, days, st.sampled_from(["qualified", "referred", "not-qualified"]), st.booleans())
def test_no_rulings_award_a_label_with_a_step_missing_or_a_refusal(ruled, today, outcome, gone):
    case = a_case(*ruled, outcome=outcome, withdrawn=gone)

    status = candidacy_status(case, PROCEDURE, today)

    if status.state == "to-be-awarded":
        on_it = [each for each in ruled if each.version == 1]
        assert {each.step for each in on_it if each.ruling == "approved"} == set(ORDER)
        assert all(each.ruling == "approved" for each in on_it)
        assert status.notice.ends_on < today
        assert not gone
        assert outcome != "not-qualified"


@given(many.flatmap(lambda ruled: st.tuples(st.just(ruled), st.permutations(ruled * 2))), days)
def test_shuffled_and_repeated_rulings_give_the_same_status(orders, today):
    first, shuffled = orders
    candidate = a_case().candidate

    one = candidacy_status(a_case(*first, candidate=candidate), PROCEDURE, today)
    other = candidacy_status(a_case(*shuffled, candidate=candidate), PROCEDURE, today)

    assert (one.state, one.missing, one.notice) == (other.state, other.missing, other.notice)


@given(many, days, st.integers(1, 400))
def test_time_alone_never_takes_a_label_back(ruled, today, later):
    before = status_of(*ruled, today=today).state
    after = status_of(*ruled, today=today + timedelta(days=later)).state

    assert after == before or (before, after) == ("notice-running", "to-be-awarded")
