"""The consequences of each fact."""

import pytest

from services.notify.facts import Fact as NotifyFact
from services.notify.rules import notification_about
from services.reconciliation.rules import Fact, consequences
from tests.factories import (
    NOW,
    a_submission,
    amended,
    eligibility_decided,
    project_completed,
    recognition_decided,
    withdrawn,
)
from tests.reconciliation.facts import an_id, decisions, notified


def expected(fact):
    return [(each.stage, each.subject, each.version) for each in consequences(fact, NOW).expected]


@pytest.mark.parametrize("stream", ["new-technology", "organisation-support", "recognition"])
def test_an_accepted_version_must_be_decided(stream):
    submitted = a_submission(stream)

    assert expected(submitted) == [("decided", f"{submitted.application_id}:1", 1)]


def test_an_amended_version_must_be_decided_separately():
    application = an_id()

    assert expected(amended(application, 3)) == [("decided", f"{application}:3", 3)]


@pytest.mark.parametrize(
    "decided", [eligibility_decided(version=2), recognition_decided("referred", version=2)]
)
def test_a_decision_meets_the_expectation_of_its_version(decided):
    submitted = amended(decided.application_id, 2)

    [waiting] = consequences(submitted, NOW).expected

    assert consequences(decided, NOW).met == [waiting.id]


@pytest.mark.parametrize("fact", decisions(an_id()), ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("failed", [True, False])
def test_a_fact_is_met_by_the_notification_about_it(fact, failed):
    """The ids of notifications are made by `notify`; this holds both sides together."""
    [waiting] = [each for each in consequences(fact, NOW).expected if each.stage == "notified"]

    assert waiting.subject == notification_about(fact, NOW).id
    assert consequences(notified(fact, failed=failed), NOW).met == [waiting.id]


def test_every_decision_on_a_version_needs_its_own_notification():
    application = an_id()
    subjects = [
        each.subject for fact in decisions(application) for each in consequences(fact, NOW).expected
    ]

    assert len(set(subjects)) == len(decisions(application))


def test_a_withdrawal_closes_its_application_but_needs_a_notification():
    application = an_id()
    follows = consequences(withdrawn(application), NOW)

    assert follows.withdrawn == application
    assert [(each.stage, each.outlives_withdrawal) for each in follows.expected] == [
        ("notified", True)
    ]


@pytest.mark.parametrize(
    "fact",
    [a_submission(), amended(an_id()), project_completed(an_id())],
    ids=lambda fact: type(fact).__name__,
)
def test_receipts_and_completions_meet_no_expectation(fact):
    assert consequences(notified(fact), NOW) is None


def test_every_fact_that_notify_mails_is_known_except_completions():
    here = set(Fact.__args__)

    assert {each.__name__ for each in NotifyFact.__args__ if each not in here} == {
        "ProjectCompleted"
    }
