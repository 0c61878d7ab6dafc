"""The service killed again and again while it sends: nothing lost, few repeats."""

import os
import signal
from contextlib import suppress

import pytest

from devstack.errors import StackError
from shared.events.intake import APPLICATIONS, CONTACTS
from tests.kafka import KafkaClient
from tests.notify.cases import a_funding_case, states, write
from tests.notify.mail_server import read_mail
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(400)
KILLS = 3
UNRECORDED = 4


def test_killed_while_many_mails_are_on_their_way_it_repeats_no_more_than_were_unrecorded(
    infra, service_process, mail_server
):
    settings = {"SMTP_URL": mail_server.url, "NOTIFY_UNRECORDED": str(UNRECORDED)}
    service = service_process("notify", settings, restart=False)
    cases = [a_funding_case() for _ in range(40)]
    ids = {submitted.application_id for submitted, _, _ in cases}
    mine, kills = [], []

    def on_taken(mail):
        if application(mail) not in ids:
            return  # left on the topics by a test before this one
        mine.append(mail)
        if len(kills) < KILLS and len(mine) > 8 * (len(kills) + 1):
            kills.append(len(mine))
            os.kill(service.pid, signal.SIGKILL)

    mail_server.on_taken = on_taken
    write_all(KafkaClient(infra.kafka_bootstrap_servers), cases)
    for number in range(1, KILLS + 1):
        # Before these it may have to send what tests before this one left on the topics.
        eventually(lambda made=number: len(kills) >= made and service.pid == 0, within_seconds=120)
        start_again(service)
    eventually(lambda: all(states(service, each) == ["sent"] for each in ids), within_seconds=60)

    sent = [application(each) for each in mine]
    assert set(sent) == ids
    assert len(sent) - len(ids) <= KILLS * UNRECORDED
    assert len(set(mine)) == len(ids), "a repeat is not identical"


def start_again(service):
    with suppress(StackError):  # it sends before it is ready, so it may have been killed again
        service.start()


def write_all(kafka, cases):
    for submitted, _, contact in cases:
        write(kafka, CONTACTS, contact)
        write(kafka, APPLICATIONS, submitted)


def application(mail):
    return read_mail(mail)["X-Application-Id"]
