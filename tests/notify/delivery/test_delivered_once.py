"""Cases to their end, with the service as a program on real Kafka, MongoDB and SMTP."""

from datetime import date

import pytest

from shared.events.casework import RULINGS
from shared.events.eligibility import DECISIONS as ELIGIBILITY_DECISIONS
from shared.events.intake import APPLICATIONS, CONTACTS
from shared.events.recognition import DECISIONS as RECOGNITION_DECISIONS
from tests.factories import (
    a_contact_event,
    a_submission,
    amended,
    eligibility_decided,
    label_awarded,
    label_expired,
    project_completed,
    recognition_decided,
    withdrawn,
)
from tests.kafka import KafkaClient
from tests.notify.cases import a_funding_case, announced, shown, write
from tests.notify.mail_server import body, subject_of
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def kafka(infra):
    return KafkaClient(infra.kafka_bootstrap_servers)


@pytest.fixture
def service(service_process, mail_server):
    return service_process("notify", {"SMTP_URL": mail_server.url})


def states(service, application_id):
    return {each["template"]: each["state"] for each in shown(service, application_id)}


def mails_about(mail_server, application_id):
    return [each for each in mail_server.mails if each["X-Application-Id"] == application_id]


def test_after_a_withdrawal_no_late_decision_is_mailed(service, kafka, mail_server):
    submitted, decided, contact = a_funding_case()
    application_id = submitted.application_id
    write(kafka, CONTACTS, contact)
    write(kafka, APPLICATIONS, submitted)
    eventually(lambda: states(service, application_id) == {"received": "sent"})

    write(kafka, APPLICATIONS, withdrawn(application_id))
    eventually(lambda: states(service, application_id).get("withdrawn") == "sent")
    write(kafka, ELIGIBILITY_DECISIONS, decided)
    write(kafka, RULINGS, project_completed(application_id))

    ended = {
        "received": "sent",
        "withdrawn": "sent",
        "eligible": "stopped",
        "project-completed": "stopped",
    }
    eventually(lambda: states(service, application_id) == ended)
    assert [subject_of(each) for each in mails_about(mail_server, application_id)] == [
        "Your application has been received",
        "Your application has been withdrawn",
    ]
    receipt = mails_about(mail_server, application_id)[0]
    for kind in ("plain", "html"):
        assert "at the latest." in body(receipt, kind)
        assert "Working days in Hong Kong" in body(receipt, kind)
    eventually(lambda: len(announced(kafka, application_id)) == 4)
    failed = {
        data["template"]: data["reason"]
        for kind, data in announced(kafka, application_id)
        if kind == "NotificationFailed"
    }
    assert failed == dict.fromkeys(("eligible", "project-completed"), "application-withdrawn")


def test_a_candidacy_is_told_of_every_step_up_to_its_label_and_its_end(service, kafka, mail_server):
    application_id = a_submission("recognition").application_id
    decided = [
        recognition_decided("qualified", application_id=application_id),
        recognition_decided(
            "qualified",
            application_id=application_id,
            step="document-check",
            next_step="on-site-assessment",
        ),
        recognition_decided(
            "qualified",
            application_id=application_id,
            step="notice-period",
            notice_ends_on=date(2026, 12, 7),
            notice_calendar="mainland",
        ),
        label_awarded(application_id),
        label_expired(application_id),
    ]
    write(kafka, CONTACTS, a_contact_event(application_id, language="zh-Hant"))
    for each in [*decided, *decided]:
        write(kafka, RECOGNITION_DECISIONS, each)

    eventually(lambda: [each["state"] for each in shown(service, application_id)] == ["sent"] * 5)

    mails = {subject_of(each): each for each in mails_about(mail_server, application_id)}
    assert len(mails_about(mail_server, application_id)) == 5
    awarded = mails["貴企業已獲授予標誌"]
    for kind in ("plain", "html"):
        assert "GDHK-2026-000001-68" in body(awarded, kind)
        assert "2028年12月7日" in body(awarded, kind)
    [notice] = [each for each in mails.values() if "公示" in body(each) and "異議" in body(each)]
    assert "2026年12月7日" in body(notice)


def test_an_amendment_a_ruling_and_a_completion_are_mailed_each(service, kafka, mail_server):
    submitted, decided, contact = a_funding_case()
    application_id = submitted.application_id
    write(kafka, CONTACTS, contact)
    write(kafka, APPLICATIONS, submitted)
    write(kafka, APPLICATIONS, amended(application_id))
    eventually(lambda: states(service, application_id) == {"received": "sent", "amended": "sent"})

    write(kafka, ELIGIBILITY_DECISIONS, decided)
    ruled = eligibility_decided(application_id=application_id, version=2, ruling_id="R-1")
    write(kafka, ELIGIBILITY_DECISIONS, ruled)
    write(kafka, RULINGS, project_completed(application_id))

    eventually(lambda: len(mails_about(mail_server, application_id)) == 4)
    eventually(lambda: states(service, application_id).get("project-completed") == "sent")
    by_id = {each["notification_id"]: each["state"] for each in shown(service, application_id)}
    assert by_id[f"{application_id}:eligibility:1"] == "stopped"
    assert by_id[f"{application_id}:eligibility:2:R-1"] == "sent"
