"""Applications of one batch: those for one factory and stream see each other, as they queue."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.eligibility.handlers import Decider
from services.eligibility.rules.batch import case_of, queue_place, with_batch
from services.eligibility.rules.histories import Histories, OpenCase
from services.eligibility.rules.outlook import Outlooks
from services.eligibility.rules.programme import load_programme
from services.eligibility.store.store import Withdrawn
from shared.events.intake import ApplicationAmended, ApplicationWithdrawn
from tests.eligibility.strategies import applications
from tests.factories import NOW, a_registration_number, a_submission, an_event

PROGRAMME = load_programme()
OUTLOOKS = Outlooks(PROGRAMME)


def in_queue(submitted):
    return queue_place(submitted, case_of(submitted))


def rivals(*, number=3, **factory):
    """Applications of one factory for one stream, each received a second after the one before."""
    factory = {"registration_number": a_registration_number(), **factory}
    return [
        a_submission("new-technology", received_at=NOW + timedelta(seconds=n), factory=factory)
        for n in range(number)
    ]


def decided(batch, known=None):
    """Decide a batch with what is known; return what is decided on each application."""
    histories = with_batch(known or Histories(), batch, PROGRAMME)
    decider = Decider(PROGRAMME, NOW, histories, OUTLOOKS)
    facts = [decider.fact(an_event(each)) for each in batch]
    return {
        (each.decision.application_id, each.decision.version): each.decision
        for each in facts
        if not isinstance(each, Withdrawn)
    }


def outcomes(batch, known=None):
    return {key: each.outcome for key, each in decided(batch, known).items()}


def codes(decision):
    return {reason.code for reason in decision.reasons}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_application_received_first_has_precedence_wherever_it_is_in_the_batch(order):
    received = rivals()

    found = decided([received[each] for each in order])

    first, *others = (found[each.application_id, 1] for each in received)
    assert first.outcome == "eligible"
    assert [each.outcome for each in others] == ["referred"] * 2
    assert all("another-case-open" in codes(each) for each in others)


def test_of_two_received_at_the_same_instant_the_lower_id_has_precedence():
    one, other = (each.model_copy(update={"received_at": NOW}) for each in rivals(number=2))
    first, second = sorted((one, other), key=lambda each: each.application_id)

    assert outcomes([second, first]) == outcomes([first, second])
    assert outcomes([second, first])[first.application_id, 1] == "eligible"


def test_an_application_that_is_refused_anyway_blocks_no_other():
    first, second = rivals(number=2)
    refused = a_submission(
        "new-technology",
        received_at=first.received_at,
        factory={**second.application.factory.model_dump(), "place": "elsewhere"},
    )

    found = outcomes([second, refused])

    assert found == {
        (refused.application_id, 1): "ineligible",
        (second.application_id, 1): "eligible",
    }


def test_an_application_withdrawn_in_the_same_batch_blocks_no_other():
    first, second = rivals(number=2)
    withdrawn = ApplicationWithdrawn(
        application_id=first.application_id, version=2, withdrawn_at=NOW
    )

    assert outcomes([first, second, withdrawn])[second.application_id, 1] == "eligible"


def test_a_stored_open_case_that_the_batch_withdraws_no_longer_counts():
    first, second = rivals(number=2)
    known = Histories({}, {case_of(first): [OpenCase(in_queue(first), is_granted=True)]})
    withdrawn = ApplicationWithdrawn(
        application_id=first.application_id, version=2, withdrawn_at=NOW
    )

    assert outcomes([second], known)[second.application_id, 1] == "referred"
    assert outcomes([second, withdrawn], known)[second.application_id, 1] == "eligible"


def test_versions_of_one_application_do_not_block_each_other():
    [first] = rivals(number=1)
    amended = ApplicationAmended(**{**dict(first), "version": 2})

    assert set(outcomes([first, amended]).values()) == {"eligible"}


def test_the_latest_version_counts_for_others():
    first, second = rivals(number=2)
    factory = first.application.factory.model_copy(update={"place": "elsewhere"})
    application = first.application.model_copy(update={"factory": factory})
    amended = ApplicationAmended(**{**dict(first), "version": 2, "application": application})

    for batch in ([first, amended, second], [second, amended, first]):
        assert outcomes(batch)[second.application_id, 1] == "eligible"


@pytest.mark.parametrize(
    ("known_version", "in_batch", "outcome"), [(1, 2, "eligible"), (3, 2, "referred")]
)
def test_a_refused_version_closes_only_older_stored_versions(known_version, in_batch, outcome):
    first, second = rivals(number=2)
    factory = first.application.factory.model_copy(update={"place": "elsewhere"})
    application = first.application.model_copy(update={"factory": factory})
    refused = first.model_copy(update={"version": in_batch, "application": application})
    granted = OpenCase(in_queue(first), is_granted=True, version=known_version)
    known = Histories({}, {case_of(first): [granted]})

    assert outcomes([refused, second], known)[second.application_id, 1] == outcome


def test_a_stored_grant_stays_when_its_application_is_redelivered():
    first, second = rivals(number=2)
    known = Histories({}, {case_of(second): [OpenCase(in_queue(second), is_granted=True)]})

    assert outcomes([first, second], known)[first.application_id, 1] == "referred"


def test_a_later_application_blocks_an_earlier_one_only_once_it_is_granted():
    first, second = rivals(number=2)
    case = case_of(first)

    for is_granted, outcome in ((False, "eligible"), (True, "referred")):
        known = Histories({}, {case: [OpenCase(in_queue(second), is_granted)]})
        assert outcomes([first], known)[first.application_id, 1] == outcome


def assessments(*, number=2, **factory):
    """Assessments of one factory in phase 4, each received a second after the one before."""
    factory = {"registration_number": a_registration_number(), **factory}
    received = NOW.replace(year=2022)
    project = {"starts_on": "2023-01-01", "ends_on": "2023-02-01"}
    return [
        a_submission(
            "assessment",
            received_at=received + timedelta(seconds=n),
            factory=factory,
            project=project,
        )
        for n in range(number)
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_granted_assessment_that_runs_refuses_the_next_in_the_same_batch(order):
    received = assessments(number=3)

    found = decided([received[each] for each in order])

    first, *others = (found[each.application_id, 1] for each in received)
    assert first.outcome == "eligible"
    assert [each.outcome for each in others] == ["ineligible"] * 2
    assert all(codes(each) == {"earlier-assessment-not-completed"} for each in others)


def test_an_assessment_is_decided_alike_whether_the_earlier_one_is_stored_or_in_its_batch():
    first, second = assessments()
    stored = Histories({}, {case_of(first): [OpenCase(in_queue(first), is_granted=True)]})

    in_one_batch = decided([first, second])[second.application_id, 1]

    assert decided([second], stored)[second.application_id, 1].reasons == in_one_batch.reasons


def test_an_assessment_that_waits_for_a_ruling_only_refers_the_next():
    first, second = assessments(industry="other")

    found = decided([second, first])

    assert found[first.application_id, 1].outcome == "referred"
    assert found[second.application_id, 1].outcome == "referred"
    assert codes(found[second.application_id, 1]) >= {"another-case-open"}


def test_a_grant_in_the_same_batch_does_not_speak_against_what_was_received_before_it():
    first, second = assessments()
    elsewhere = first.application.factory.model_copy(update={"place": "elsewhere"})
    application = first.application.model_copy(update={"factory": elsewhere})
    refused = first.model_copy(update={"application": application})

    found = decided([second, refused])

    assert found[second.application_id, 1].outcome == "eligible"
    assert codes(found[refused.application_id, 1]) == {"factory-not-in-guangdong"}


submissions = st.lists(applications, max_size=8).map(
    lambda each: [
        a_submission().model_copy(update={"application": application}) for application in each
    ]
)


def apart(batch):
    """Give each application a factory of its own, where it has one."""
    return [
        each
        if case_of(each) is None
        else each.model_copy(
            update={
                "application": each.application.model_copy(
                    update={
                        "factory": each.application.factory.model_copy(
                            update={"registration_number": a_registration_number()}
                        )
                    }
                )
            }
        )
        for each in batch
    ]


@given(submissions, st.randoms(use_true_random=False), st.integers(1, 8))
def test_the_order_of_different_applications_never_matters(batch, order, size):
    batch = apart(batch)
    shuffled = order.sample(batch, len(batch))
    in_parts = [shuffled[n : n + size] for n in range(0, len(shuffled), size)]

    found = {key: each for part in in_parts for key, each in decided(part).items()}

    assert found == decided(batch)


@given(submissions, st.randoms(use_true_random=False))
def test_the_order_of_one_factorys_applications_within_a_batch_never_matters(batch, order):
    factory = a_submission("new-technology").application.factory
    batch = [
        each
        if case_of(each) is None
        else each.model_copy(
            update={"application": each.application.model_copy(update={"factory": factory})}
        )
        for each in batch
    ]

    assert decided(order.sample(batch, len(batch))) == decided(batch)
