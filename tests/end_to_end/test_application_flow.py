"""From an application to its decision, stored and published, and the mails about it."""

import re
import sys
from email.utils import parseaddr
from importlib.util import find_spec

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics

from devstack import objectives
from devstack.stack.program import PROJECT
from devstack.testing.service_process import ServiceProcesses
from tests.end_to_end.monitoring import (
    complaints_of_promtool,
    empty_counters,
    identifying_labels,
    selectors,
    series,
)
from tests.end_to_end.observed import Unanswered, dead_letter, prometheus_of, traffic
from tests.end_to_end.platform import Platform, eligible_applications
from tests.end_to_end.prometheus import values, watching
from tests.factories import a_record, a_submission, application_body
from tests.notify.mail_server import MailServer
from tests.waiting import eventually

APPLICATIONS = "intake.applications.v1"
OF_OTHER_TESTS = ("test-", "group-")  # groups and topics that operations finds in the same Kafka
UNREADABLE = {
    "invalid JSON": (b'{"application_id": ', [("ce_type", b"ApplicationSubmitted")]),
    "an event type that is not UTF-8": (b"{}", [("ce_type", b"\xff\xfe")]),
    "a null value": (None, [("ce_type", b"ApplicationSubmitted")]),
}

OF_CONSUMERS = {
    "cppp_commit_failures",
    "cppp_dlq_messages",
    "cppp_dlq_redriven",
    "cppp_events_skipped",
    "cppp_rebalances",
}
OF_STORES = {"cppp_mongo_bulk_ops", "cppp_mongo_connection_waiting_seconds"}
OF_PUBLISHERS = {"cppp_publish_failures"}
EMPTY_AT_FIRST = {
    "faststream_received_messages": "FastStream's, from the first batch on; no rule selects it",
    "faststream_received_processed_messages": "the same",
    "faststream_received_processed_messages_exceptions": "the same, by type of exception",
    "faststream_published_messages": "FastStream's; our own publisher does not use it",
    "faststream_published_messages_exceptions": "the same",
}


@pytest.fixture(scope="module")
def platform(infra, service_stack):
    processes = ServiceProcesses(service_stack, infra)
    platform = Platform(infra, processes.start)
    yield platform
    platform.mongo.close()
    processes.stop_all()


@pytest.mark.timeout(300)
def test_applications_are_accepted_decided_published_and_mailed(platform):
    funding = platform.submit(*eligible_applications(20))
    labels = platform.submit(*[application_body("recognition") for _ in range(5)])

    platform.wait_until_decided("eligibility", funding)
    platform.wait_until_decided("recognition", labels)
    mails = platform.wait_until_mailed([*funding, *labels])

    assert {each["outcome"] for each in platform.decisions("eligibility", funding)} == {"eligible"}
    assert set(platform.decision_events("eligibility", funding)) == set(funding)
    assert set(platform.decision_events("recognition", labels)) == set(labels)
    assert len(mails) == len({mail["Message-ID"] for mail in mails}) == 2 * 25
    assert {parseaddr(mail["To"]) for mail in mails} == {("Chan Tai Man", "chan@example.com")}


@pytest.mark.timeout(300)
def test_killing_eligibility_under_load_loses_and_duplicates_nothing(platform):
    ids: list[str] = []
    for _ in range(4):
        ids += platform.submit(*eligible_applications(100))
        platform.services["eligibility"].kill()
    platform.services["eligibility"].wait_ready()

    platform.wait_until_decided("eligibility", ids)
    mails = platform.wait_until_mailed(ids)

    events = platform.decision_events("eligibility", ids)
    assert set(events) == set(ids)
    assert all(len(values) == 1 for values in events.values()), "events of one decision differ"
    assert len(mails) == 2 * len(ids)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("value", "headers"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_record_is_dead_lettered_and_the_next_one_is_decided(
    platform, value, headers
):
    good = a_record(a_submission("new-technology"))

    platform.kafka.write(APPLICATIONS, value, headers, key=good.key)
    platform.kafka.write(APPLICATIONS, good.value, good.headers, key=good.key)

    platform.wait_until_decided("eligibility", [good.key.decode()])
    dead_letters = platform.kafka.read("eligibility.dead-letters.v1")
    assert [
        (each.value(), each.headers()[: len(headers)])
        for each in dead_letters
        if each.key() == good.key
    ] == [(value, headers)]


@pytest.mark.timeout(300)
def test_an_application_is_accepted_while_the_other_services_are_down(platform):
    for name in ("eligibility", "recognition", "notify"):
        platform.services[name].terminate()
    ids = platform.submit(*eligible_applications(3))
    for name in ("eligibility", "recognition", "notify"):
        platform.services[name].start()

    platform.wait_until_decided("eligibility", ids)
    platform.wait_until_mailed(ids)


@pytest.mark.timeout(300)
def test_every_series_that_a_rule_selects_is_exported(platform):
    [application_id] = platform.submit(*eligible_applications(1))
    platform.wait_until_mailed([application_id])

    def unmatched():
        exported = [
            each for name in platform.services for each in series(name, platform.metrics(name))
        ]
        return [s for s in selectors() if not any(s.selects(*each) for each in exported)]

    assert len(selectors()) > 20
    eventually(lambda: not unmatched(), because=f"no service exports {unmatched()}")


@pytest.mark.timeout(300)
def test_every_counter_with_labels_begins_at_0(platform):
    for name, text in platform.metrics_at_start.items():
        empty = empty_counters(text) - EMPTY_AT_FIRST.keys()
        assert empty == of_what_it_does_not_do(name, text), name


def of_what_it_does_not_do(service: str, metrics: str) -> set[str]:
    """Return the counters of every service that this one has no use for."""
    consumes = "cppp_consumer_assigned_partitions{" in metrics
    stores = find_spec(f"services.{service}.store") is not None
    return {
        *(() if consumes else OF_CONSUMERS),
        *(() if stores else OF_STORES),
        *(() if consumes or stores else OF_PUBLISHERS),
    }


@pytest.mark.timeout(300)
def test_no_label_identifies_anybody_or_any_application(platform):
    ids = platform.submit(*eligible_applications(3))
    platform.wait_until_mailed(ids)
    httpx.get(f"{platform.url('intake')}/v1/applications/{ids[0]}")
    httpx.get(f"{platform.url('eligibility')}/chan@example.com")

    for name in platform.services:
        text = platform.metrics(name)
        found = {each for each in identifying_labels(text) if not each.startswith(OF_OTHER_TESTS)}
        assert found == set(), name
        assert not [each for each in (*ids, "chan@", "chan tai man") if each in text.lower()], name


@pytest.mark.timeout(300)
def test_promtool_finds_nothing_wrong_with_the_metrics_of_any_service(platform):
    known = (PROJECT / "docs" / "metrics.md").read_text()

    for name in platform.services:
        text = platform.metrics(name)

        assert complaints_of_promtool(text) == "", name
        own = re.findall(r"^# HELP (cppp_\w+)", text, re.MULTILINE)
        assert not [each for each in own if f"`{each}`" not in known]


@pytest.mark.timeout(300)
def test_who_asks_for_openmetrics_gets_it(platform):
    for name in platform.services:
        accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
        answer = httpx.get(f"{platform.url(name)}/metrics", headers={"Accept": accept})

        assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.")
        assert "Accept" in re.split(", *", answer.headers["vary"])
        assert answer.text.endswith("# EOF\n")
        assert list(openmetrics(answer.text))


@pytest.mark.plays
@pytest.mark.timeout(300)
def test_every_query_of_the_objectives_has_an_answer(platform, tmp_path, monkeypatch, capsys):
    page = objectives.PAGE.read_text()
    names = set(re.findall(r"\(#([a-z]+-[\w-]+)\)", page.partition("## ")[0]))
    urls = {name: platform.url(name) for name in platform.services}
    with watching(urls, tmp_path) as prometheus:

        def unanswered():
            found = objectives.answers(prometheus, objectives.columns(page))
            alone = [
                each for each in objectives.other_queries(page) if not values(prometheus, each)
            ]
            return [name for name, told in found.items() if told.keys() != names] + alone

        platform.wait_until_mailed(platform.submit(*eligible_applications(5)))
        eventually(lambda: not unanswered(), within_seconds=60, because=f"{unanswered()}")
        monkeypatch.setattr(sys, "argv", ["objectives", prometheus])
        objectives.main()

    printed = capsys.readouterr().out
    assert [len(re.findall(rf"{name}.*%.*%.*%.*%", printed)) for name in sorted(names)] == [1] * 4
    assert "99.90%" in printed


@pytest.fixture
def refusing_mail_server():
    """A mail server that takes nothing from us, for reasons that are no mailbox's."""
    server = MailServer()
    server.answers["RCPT"].extend(["550 5.7.1 Refused by policy"] * 1000)
    server.start()
    yield server
    server.stop()


@pytest.mark.timeout(300)
def test_every_query_of_every_panel_and_every_recording_rule_returns_data(
    platform, refusing_mail_server, service_process, tmp_path
):
    second = service_process("notify", {"SMTP_URL": refusing_mail_server.url})
    with prometheus_of(platform, second.url, tmp_path) as prometheus:
        unanswered = Unanswered(prometheus)
        dead_letter(platform)

        def answered():
            traffic(platform)
            return not unanswered.ask()

        assert len(unanswered.names) > 100
        eventually(answered, within_seconds=60, because=unanswered.names)
        for counted in ("cppp_email_refusals_total", "cppp_dlq_depth"):
            eventually(lambda name=counted: prometheus.value(f"sum({name})"), because=counted)
