"""What is stored of a submission, and its events."""

import json
from uuid import UUID, uuid5

import pytest

from services.intake.submission.body import read_submission
from services.intake.submission.events import AcceptanceContext, withdrawal_event
from services.intake.submission.examples import EXAMPLES
from shared.events.envelope import derived_id
from shared.events.intake import ApplicationSubmitted, ApplicationWithdrawn, ContactRegistered
from tests.contracts.releases import RELEASES, recorded_events
from tests.factories import NOW
from tests.intake.acceptances import APPLICATION_ID, TRACE, accepted
from tests.intake.submissions import body

RECORDED = [
    each
    for release in RELEASES
    for each in recorded_events(release)
    if each.type in {"ApplicationSubmitted", "ApplicationAmended"}
]


@pytest.mark.parametrize("recorded", RECORDED)
def test_an_application_in_an_earlier_form_leads_to_the_bytes_of_that_release(recorded):
    submitted = ApplicationSubmitted.model_validate_json(recorded.value)

    assert submitted.model_dump_json().encode() == recorded.value


@pytest.mark.parametrize("stream", EXAMPLES)
def test_the_events_are_what_their_readers_expect(stream):
    content = json.dumps(EXAMPLES[stream]).encode()

    registered, submitted = accepted(content).events

    sent = read_submission(content)
    person = ContactRegistered.model_validate_json(registered.value or b"")
    assert person.model_dump() == {
        "application_id": APPLICATION_ID,
        "version": 1,
        "contact": sent.contact.model_dump(),
    }
    event = ApplicationSubmitted.model_validate_json(submitted.value or b"")
    assert event.model_dump() == {
        "application_id": APPLICATION_ID,
        "version": 1,
        "received_at": NOW,
        "application": sent.application.model_dump(),
    }


@pytest.mark.parametrize("stream", EXAMPLES)
@pytest.mark.parametrize(
    "received_at", [None, "2019-03-31T23:59:59.999999+08:00", "2020-01-01t00:00:00z"]
)
def test_the_events_have_the_bytes_of_their_models(stream, received_at):
    stated = {"received_at": received_at} if received_at else {}
    content = json.dumps({**EXAMPLES[stream], **stated}).encode()

    acceptance = accepted(content)

    sent = read_submission(content)
    models = [
        ContactRegistered(application_id=APPLICATION_ID, version=1, contact=sent.contact),
        ApplicationSubmitted(
            application_id=APPLICATION_ID,
            version=1,
            received_at=acceptance.received_at,
            application=sent.application,
        ),
    ]
    assert [each.value for each in acceptance.events] == [
        each.model_dump_json().encode() for each in models
    ]


def test_a_withdrawal_has_the_bytes_of_its_model():
    context = AcceptanceContext(APPLICATION_ID, "anonymous", b"fingerprint", NOW, TRACE, 3)

    model = ApplicationWithdrawn(application_id=APPLICATION_ID, version=3, withdrawn_at=NOW)
    assert withdrawal_event(context).value == model.model_dump_json().encode()


def test_the_ids_of_events_are_uuids_of_version_5():
    namespace = UUID("0a6a1d5e-94f4-5b0f-8f0e-9c6f4c1d7b52")
    for name in ("a", "ApplicationSubmitted", ""):
        for key in (APPLICATION_ID, "", "\u6e05"):
            assert derived_id(name, key) == str(uuid5(namespace, f"{name}/{key}"))


def test_the_events_carry_their_attributes_and_the_trace_of_the_request():
    registered, submitted = accepted(body()).events

    assert (registered.topic, submitted.topic) == ("intake.contacts.v1", "intake.applications.v1")
    for event, kind in ((registered, b"ContactRegistered"), (submitted, b"ApplicationSubmitted")):
        headers = dict(event.headers)
        assert event.key == APPLICATION_ID.encode()
        assert event.time == NOW
        assert headers["ce_type"] == kind
        assert headers["ce_source"] == b"intake"
        assert headers["ce_subject"] == APPLICATION_ID.encode()
        assert headers["ce_time"] == b"2026-11-02T01:30:00.000Z"
        assert headers["traceparent"] == TRACE.encode()
    assert dict(registered.headers)["ce_id"] != dict(submitted.headers)["ce_id"]


def test_the_same_submission_always_gives_the_same_bytes():
    content = body()

    assert accepted(content) == accepted(content)


def test_an_application_counts_from_its_acceptance_unless_it_says_when_it_was_received():
    assert accepted(body()).received_at == NOW

    stated = accepted(body(received_at="2019-03-31T23:59:59.999999+08:00"))

    assert stated.received_at.isoformat() == "2019-03-31T15:59:59.999000+00:00"
    assert b'"received_at":"2019-03-31T15:59:59.999000Z"' in (stated.events[1].value or b"")


def test_the_person_to_write_to_is_in_one_event_and_nowhere_else():
    acceptance = accepted(body(contact={"name": "Somebody Rare"}))

    assert b"Somebody Rare" in (acceptance.events[0].value or b"")
    assert b"Somebody Rare" not in (acceptance.events[1].value or b"")
    assert "Somebody Rare" not in str(acceptance.application)


def test_what_is_kept_is_the_application_as_it_is_published():
    acceptance = accepted(body("verification"))

    published = json.loads(acceptance.events[1].value or b"")
    assert acceptance.application == published["application"]
