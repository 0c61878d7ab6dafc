"""The service as a program: events in, mails out, through real Kafka, MongoDB and SMTP."""

import mailbox
import os
import signal
from datetime import timedelta

import httpx
import pytest
from pymongo import MongoClient

from shared.clock import utc_now
from shared.events.eligibility import DECISIONS as ELIGIBILITY_DECISIONS
from shared.events.intake import APPLICATIONS, CONTACTS
from shared.events.recognition import DECISIONS as RECOGNITION_DECISIONS
from tests.factories import a_contact_event, a_submission, recognition_decided
from tests.kafka import KafkaClient
from tests.notify.cases import a_funding_case, announced, shown, states, write
from tests.notify.mail_server import body, read_mail, subject_of
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(120)
DEAD_LETTERS = "notify.dead-letters.v1"


@pytest.fixture
def kafka(infra):
    return KafkaClient(infra.kafka_bootstrap_servers)


@pytest.fixture
def mongo(infra):
    with MongoClient(infra.mongodb_url) as client:
        yield client["notify"]


def test_facts_on_the_topics_become_mails_that_are_announced_and_shown(
    infra, service_process, kafka
):
    service = service_process("notify")
    submitted, decided, contact = a_funding_case("zh-Hant")
    application_id = submitted.application_id

    write(kafka, CONTACTS, contact)
    write(kafka, APPLICATIONS, submitted)
    write(kafka, ELIGIBILITY_DECISIONS, decided)

    eventually(lambda: states(service, application_id) == ["sent", "sent"])
    eventually(lambda: len(announced(kafka, application_id)) == 2)
    mails = [
        read_mail(bytes(each))
        for each in mailbox.Maildir(infra.maildir, create=False)
        if each["X-Application-Id"] == application_id
    ]
    assert {subject_of(each) for each in mails} == {"已收到閣下的申請", "閣下的申請符合資助資格"}
    [answer] = [each for each in mails if "資助" in subject_of(each)]
    assert "資助額" in body(answer)
    assert "HK$650,000.00" in body(answer, "html")
    assert {kind for kind, _ in announced(kafka, application_id)} == {"NotificationSent"}
    assert {data["message_id"] for _, data in announced(kafka, application_id)} == {
        each["Message-ID"] for each in mails
    }


def test_a_copied_topic_mails_by_the_times_of_its_events_and_not_by_those_of_its_records(
    service_process, kafka, mail_server
):
    service = service_process("notify", {"SMTP_URL": mail_server.url})
    past = utc_now() - timedelta(days=30)
    (old, _, contact_of_old), (new, _, contact_of_new) = a_funding_case(), a_funding_case()

    write(kafka, CONTACTS, contact_of_old, time=past)
    write(kafka, APPLICATIONS, old, time=past)
    write(kafka, CONTACTS, contact_of_new, timestamp=past)
    write(kafka, APPLICATIONS, new, timestamp=past)

    eventually(lambda: states(service, new.application_id) == ["sent"])
    eventually(lambda: states(service, old.application_id) == ["too-old"])
    assert [each["X-Application-Id"] for each in mail_server.mails] == [new.application_id]


def test_the_same_facts_again_send_nothing_again(service_process, kafka, mail_server):
    service = service_process("notify", {"SMTP_URL": mail_server.url})
    submitted, decided, contact = a_funding_case()
    for _ in range(3):
        write(kafka, CONTACTS, contact)
        write(kafka, APPLICATIONS, submitted)
        write(kafka, ELIGIBILITY_DECISIONS, decided)
    marker, _, contact_of_marker = a_funding_case()
    write(kafka, CONTACTS, contact_of_marker)
    write(kafka, APPLICATIONS, marker)

    eventually(lambda: states(service, submitted.application_id) == ["sent", "sent"])
    eventually(lambda: states(service, marker.application_id) == ["sent"])

    mine = [
        each for each in mail_server.mails if each["X-Application-Id"] == submitted.application_id
    ]
    assert len(mine) == 2


def test_a_decision_for_recognition_is_mailed_too(service_process, kafka, mail_server):
    service = service_process("notify", {"SMTP_URL": mail_server.url})
    submitted = a_submission("recognition")
    decided = recognition_decided("referred", application_id=submitted.application_id)
    write(kafka, RECOGNITION_DECISIONS, decided)
    eventually(lambda: states(service, submitted.application_id) == ["waiting-for-contact"])

    write(kafka, CONTACTS, a_contact_event(submitted.application_id))

    eventually(lambda: states(service, submitted.application_id) == ["sent"])
    subjects = [
        subject_of(each)
        for each in mail_server.mails
        if each["X-Application-Id"] == submitted.application_id
    ]
    assert subjects == ["Your application for recognition has been referred to an officer"]


def test_a_tombstone_erases_the_person_and_ends_what_waits(service_process, kafka, mongo):
    service = service_process("notify")
    submitted, decided, contact = a_funding_case()
    application_id = submitted.application_id
    write(kafka, CONTACTS, contact)
    eventually(lambda: mongo["contacts"].find_one({"_id": application_id}))

    kafka.write(CONTACTS.name, None, key=application_id.encode())
    eventually(lambda: not mongo["contacts"].find_one({"_id": application_id}))
    write(kafka, ELIGIBILITY_DECISIONS, decided)

    eventually(lambda: states(service, application_id) == ["erased"])
    eventually(lambda: [kind for kind, _ in announced(kafka, application_id)])
    [(kind, data)] = announced(kafka, application_id)
    assert (kind, data["reason"]) == ("NotificationFailed", "contact-erased")
    everything = [
        str(each) for name in mongo.list_collection_names() for each in mongo[name].find()
    ]
    assert not [each for each in everything if application_id in each and "example.com" in each]


def test_garbage_is_dead_lettered_and_the_next_fact_is_mailed(service_process, kafka):
    service = service_process("notify")
    submitted, _, contact = a_funding_case()
    before = len(kafka.read(DEAD_LETTERS))

    for topic in (APPLICATIONS, CONTACTS, ELIGIBILITY_DECISIONS, RECOGNITION_DECISIONS):
        kafka.write(topic.name, b"{", [("ce_type", b"EligibilityDecided")], b"key")
    kafka.write(CONTACTS.name, None, key=b"no application")
    write(kafka, CONTACTS, contact)
    write(kafka, APPLICATIONS, submitted)

    eventually(lambda: states(service, submitted.application_id) == ["sent"])
    eventually(lambda: len(kafka.read(DEAD_LETTERS)) == before + 5)


def test_killed_between_the_servers_yes_and_its_note_it_repeats_one_mail_identically(
    service_process, kafka, mail_server
):
    settings = {"SMTP_URL": mail_server.url, "NOTIFY_CONNECTIONS": "1"}
    service = service_process("notify", settings, restart=False)
    facts = a_funding_case()
    application_id = facts[0].application_id
    mail_server.on_taken = killer(service.pid, application_id)
    for topic, fact in zip((APPLICATIONS, ELIGIBILITY_DECISIONS, CONTACTS), facts, strict=True):
        write(kafka, topic, fact)
    eventually(lambda: service.pid == 0)

    service.start()
    eventually(lambda: states(service, application_id) == ["sent", "sent"])

    taken = [each for each in mail_server.taken if application_id.encode() in each]
    assert len(taken) == 3
    assert len(set(taken)) == 2, "the repeat is not identical"


def killer(pid, application_id):
    """Kill a process once, when the server has taken a mail about the application."""
    victims = [pid]

    def on_taken(mail):
        if application_id.encode() in mail and victims:
            os.kill(victims.pop(), signal.SIGKILL)

    return on_taken


def test_a_mail_server_that_refuses_starttls_is_named_with_its_code(
    service_process, kafka, mail_server
):
    mail_server.extensions = ["250-STARTTLS"]  # which it then answers with 454
    service = service_process("notify", {"SMTP_URL": mail_server.url})
    submitted, _decided, contact = a_funding_case()
    write(kafka, CONTACTS, contact)
    write(kafka, APPLICATIONS, submitted)

    state = eventually(
        lambda: (answer := httpx.get(f"{service.url}/readyz").json()).get("reasons") and answer
    )

    assert (state["status"], state["reasons"]) == ("degraded", {"mail-server": "starttls-454"})
    eventually(lambda: '"reason": "starttls-454"' in service.log().replace('":"', '": "'))
    assert mail_server.taken == []


def test_without_mail_server_it_stays_ready_says_so_and_goes_on_keeping(
    service_process, kafka, mail_server
):
    mail_server.stop()
    service = service_process("notify", {"SMTP_URL": mail_server.url})
    submitted, decided, contact = a_funding_case()
    application_id = submitted.application_id
    write(kafka, CONTACTS, contact)
    write(kafka, APPLICATIONS, submitted)

    state = eventually(
        lambda: (answer := httpx.get(f"{service.url}/readyz")).json()["waiting_for"] and answer
    )
    write(kafka, ELIGIBILITY_DECISIONS, decided)
    eventually(lambda: len(shown(service, application_id)) == 2)

    assert (state.status_code, state.json()) == (
        200,
        {
            "status": "degraded",
            "waiting_for": ["mail-server"],
            "reasons": {"mail-server": "connection-failed"},
        },
    )
    mail_server.start()
    eventually(lambda: states(service, application_id) == ["sent", "sent"])


def test_a_fact_is_mailed_at_once_and_not_at_the_next_poll(service_process, kafka, mail_server):
    settings = {"SMTP_URL": mail_server.url, "NOTIFY_POLL_SECONDS": "3600"}
    service_process("notify", settings)

    for submitted, _, contact in [a_funding_case() for _ in range(3)]:
        write(kafka, CONTACTS, contact)
        before = len(mail_server.taken)
        write(kafka, APPLICATIONS, submitted)
        eventually(lambda seen=before: len(mail_server.taken) > seen)


def test_the_metrics_say_what_was_sent(service_process, kafka):
    service = service_process("notify")
    submitted, _, contact = a_funding_case()
    write(kafka, CONTACTS, contact)
    write(kafka, APPLICATIONS, submitted)
    eventually(lambda: states(service, submitted.application_id) == ["sent"])

    age = 'cppp_event_age_seconds_count{event_type="ContactRegistered",service="notify"}'
    text = eventually(  # the age is counted last of all, after what came of the event
        lambda: f"{age} 0.0" not in (text := httpx.get(f"{service.url}/metrics").text) and text
    )

    assert 'language="en",result="sent",service="notify",template="received"' in text
    assert "cppp_email_send_duration_seconds_bucket" in text
    assert 'cppp_notifications_waiting{service="notify",state="temporary-failure"}' in text
    assert age in text
    assert "chan@example.com" not in text
