"""A mail that failed, sent again on an operator's order, with the running service."""

import orjson
import pytest
from typer.testing import CliRunner

from services.notify.resending.commands import mails
from services.reconciliation.rules import consequences
from shared.events.eligibility import DECISIONS as ELIGIBILITY_DECISIONS
from shared.events.intake import CONTACTS
from shared.events.notify import NOTIFICATIONS, NotificationFailed, NotificationSent
from tests.factories import NOW, a_contact_event
from tests.kafka import KafkaClient
from tests.notify.cases import a_funding_case, announced, shown, states, write
from tests.waiting import eventually

KINDS = {each.__name__: each for each in (NotificationFailed, NotificationSent)}


@pytest.fixture
def kafka(infra):
    return KafkaClient(infra.kafka_bootstrap_servers)


def event_ids(kafka, application_id):
    return {
        dict(message.headers())["ce_id"]
        for message in kafka.read(NOTIFICATIONS.name)
        if message.key() == application_id.encode()
    }


def message_ids(mail_server, application_id):
    return [
        each["Message-ID"]
        for each in mail_server.mails
        if each["X-Application-Id"] == application_id
    ]


def fact_of(event):
    kind, data = event
    return KINDS[kind].model_validate_json(orjson.dumps(data))


def test_a_failed_mail_goes_out_again_and_is_announced_with_an_event_of_its_own(
    infra, service_process, kafka, mail_server, monkeypatch
):
    monkeypatch.setenv("MONGODB_URL", infra.mongodb_url)
    service = service_process("notify", {"SMTP_URL": mail_server.url})
    application_id = (decided := a_funding_case()[1]).application_id
    # Others of earlier tests may get their mails from this service, too.
    contact = a_contact_event(application_id, email=f"{application_id}@example.com")
    mail_server.answers[f"RCPT {contact.contact.email}"] += ["550 5.1.2 no such domain"] * 2
    write(kafka, CONTACTS, contact)
    write(kafka, ELIGIBILITY_DECISIONS, decided)

    for number in (1, 2):
        eventually(lambda: states(service, application_id) == ["permanent-failure"])
        eventually(lambda number=number: len(announced(kafka, application_id)) == number)
        eventually(lambda: resend(application_id))
    eventually(lambda: states(service, application_id) == ["sent"])
    eventually(lambda: len(announced(kafka, application_id)) == 3)

    [status] = shown(service, application_id)
    assert message_ids(mail_server, application_id) == [status["message_id"]]
    facts = [fact_of(each) for each in announced(kafka, application_id)]
    assert [type(each) for each in facts] == [*[NotificationFailed] * 2, NotificationSent]
    assert len(event_ids(kafka, application_id)) == 3
    assert answers(status["notification_id"]) == [["rcpt-550-5.1.2"], ["rcpt-550-5.1.2"], []]
    [expected] = consequences(decided, NOW).expected
    assert {each for fact in facts for each in consequences(fact, NOW).met} == {expected.id}


def resend(application_id):
    arguments = ["resend", "--application", application_id, "--execute", "--because", "mended"]
    return "1 of 1 due again." in CliRunner().invoke(mails, arguments).stderr


def answers(notification_id):
    """Return the mail server's answers to each sending, as operators see them."""
    shown = CliRunner().invoke(mails, ["show", notification_id, "--json"]).stdout
    sendings = orjson.loads(shown)["sendings"]
    return [[each["answer"] for each in one["failures"]] for one in sendings]
