"""The main job: an application in, a decision kept and announced, an answer by e-mail."""

from email.utils import parseaddr

import httpx
import pytest

from devstack.testing.service_process import ServiceProcesses
from tests.end_to_end.platform import Platform, some_applications
from tests.factories import a_record, a_submission, application_body
from tests.waiting import eventually

APPLICATIONS = "intake.applications.v1"
GARBAGE = {
    "invalid JSON": (b'{"application_id": ', [("ce_type", b"ApplicationSubmitted")]),
    "a header that is not UTF-8": (
        b"{}",
        [("ce_type", b"ApplicationSubmitted"), ("ce_source", b"\xff\xfe")],
    ),
    "a null value": (None, [("ce_type", b"ApplicationSubmitted")]),
}


@pytest.fixture(scope="module")
def platform(infra, service_stack):
    processes = ServiceProcesses(service_stack, infra)
    platform = Platform(infra, processes.start)
    yield platform
    platform.mongo.close()
    processes.stop_all()


@pytest.mark.timeout(120)
def test_applications_are_accepted_decided_announced_and_answered_by_mail(platform):
    funding = platform.submit(*some_applications(20))
    labels = platform.submit(*[application_body("recognition") for _ in range(5)])

    platform.wait_until_decided("eligibility", funding)
    platform.wait_until_decided("recognition", labels)
    mails = platform.wait_until_mailed([*funding, *labels])

    assert {each["outcome"] for each in platform.decided("eligibility", funding)} == {"eligible"}
    assert set(platform.announced("eligibility", funding)) == set(funding)
    assert set(platform.announced("recognition", labels)) == set(labels)
    assert len(mails) == len({mail["Message-ID"] for mail in mails}) == 2 * 25
    assert {parseaddr(mail["To"]) for mail in mails} == {("Chan Tai Man", "chan@example.com")}


@pytest.mark.timeout(300)
def test_eligibility_killed_in_mid_run_leaves_nothing_missing_and_nothing_double(platform):
    ids: list[str] = []
    for _ in range(4):
        ids += platform.submit(*some_applications(100))
        platform.services["eligibility"].kill()
    platform.services["eligibility"].wait_ready()

    platform.wait_until_decided("eligibility", ids)
    mails = platform.wait_until_mailed(ids)

    announced = platform.announced("eligibility", ids)
    assert set(announced) == set(ids)
    assert all(len(values) == 1 for values in announced.values()), "events of one decision differ"
    assert len(mails) == 2 * len(ids)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("value", "headers"), GARBAGE.values(), ids=GARBAGE)
def test_garbage_on_the_topic_is_dead_lettered_and_the_next_record_is_decided(
    platform, value, headers
):
    good = a_record(a_submission("new-technology"))

    platform.kafka.write(APPLICATIONS, value, headers, key=good.key)
    platform.kafka.write(APPLICATIONS, good.value, good.headers, key=good.key)

    platform.wait_until_decided("eligibility", [good.key.decode()])
    letters = platform.kafka.read("eligibility.dead-letters.v1")
    assert [
        (each.value(), each.headers()[: len(headers)]) for each in letters if each.key() == good.key
    ] == [(value, headers)]


@pytest.mark.timeout(120)
def test_an_application_is_accepted_while_no_other_service_runs_and_decided_later(platform):
    for name in ("eligibility", "recognition", "notify"):
        platform.services[name].terminate()
    ids = platform.submit(*some_applications(3))
    for name in ("eligibility", "recognition", "notify"):
        platform.services[name].start()

    platform.wait_until_decided("eligibility", ids)
    platform.wait_until_mailed(ids)


@pytest.mark.timeout(120)
def test_every_service_reports_what_it_did_to_prometheus(platform):
    [application_id] = platform.submit(*some_applications(1))
    platform.wait_until_mailed([application_id])
    expected = {
        "intake": "cppp_applications_accepted_total{",
        "eligibility": "cppp_decisions_total{",
        "recognition": "cppp_batch_size_count{",
        "notify": "cppp_emails_total{",
    }

    for name, metric in expected.items():
        url = f"{platform.url(name)}/metrics"
        eventually(lambda url=url, metric=metric: metric in httpx.get(url).text)
