"""The service as a process on real Kafka and MongoDB."""

import re
import time
from urllib.parse import urljoin
from uuid import uuid4

import httpx
import pytest

from services.portal.app import READS
from services.portal.handlers import PARSERS
from services.portal.settings import SERVICE
from services.portal.web.wording import WORDING
from shared.events.envelope import SubjectIdentity
from tests.examples import event_examples, publication_of
from tests.factories import NOW
from tests.kafka import KafkaClient
from tests.waiting import eventually

LARGEST_FIRST_PAGE = 100_000
LONGEST_STOP = 10.0  # seconds, as of every service


@pytest.fixture
def kafka(infra):
    return KafkaClient(infra.kafka_bootstrap_servers)


def has_read(kafka, topic):
    return kafka.committed(SERVICE, topic) == kafka.end(topic)


def write_all(kafka, *data):
    for each in data:
        publication = publication_of(type(each).__name__)
        subject = getattr(each, publication.key)
        identity = SubjectIdentity(type(each).__name__, subject, str(uuid4()), NOW)
        record = identity.record(publication.topic, each.model_dump_json().encode())
        kafka.write(record.topic, record.value, record.headers, record.key)


def assert_programs_find_what_they_read(url):
    beside = ("/sitemap.xml", "/robots.txt", "/sc/news.atom", "/sc/events.ics", "/sc/none")
    answers = [httpx.get(f"{url}{each}") for each in beside]
    assert [each.status_code for each in answers] == [200, 200, 200, 200, 404]
    assert {each.headers["x-content-type-options"] for each in answers} == {"nosniff"}


def ages(service):
    """Return as of when each part of the site is."""
    text = httpx.get(f"{service.url}/metrics").text
    found = re.findall(r'cppp_portal_as_of_timestamp_seconds{.*part="(\w+)".*} (\S+)', text)
    return {part: float(moment) for part, moment in found}


def assert_little_is_transferred(url):
    first = httpx.get(f"{url}/tc")
    style = httpx.get(urljoin(url, re.search(r'href="(/static/[^"]+)"', first.text)[1]))
    assert {each.headers["content-encoding"] for each in (first, style)} == {"gzip"}
    transferred = sum(int(each.headers["content-length"]) for each in (first, style))
    assert transferred < LARGEST_FIRST_PAGE
    known = {"If-None-Match": first.headers["etag"]}
    assert httpx.get(f"{url}/tc", headers=known).status_code == 304


def test_what_is_published_is_shown_and_what_is_withdrawn_is_not(service_process, kafka):
    started, service = time.time(), service_process(SERVICE)
    events = [each for kind in PARSERS for each in event_examples(kind)]

    others = event_examples("RecognitionDecided")  # on a topic that it reads, but not for labels

    write_all(kafka, *events, *others, *events)
    eventually(lambda: all(has_read(kafka, each.name) for each in READS))

    versions = {each.rule_version for each in event_examples("ProgrammePublished")}
    eventually(lambda: any(e in httpx.get(f"{service.url}/en/programme").text for e in versions))
    (label,) = event_examples("LabelAwarded")
    certificate = f"{service.url}/en/certificates/{label.certificate_number.lower()}"
    eventually(lambda: label.enterprise_name in httpx.get(certificate, follow_redirects=True).text)
    unknown = WORDING["en"]["site.as-of-unknown"]
    eventually(lambda: unknown not in httpx.get(f"{service.url}/en").text)
    eventually(lambda: ages(service)["shown"] > started)
    assert set(ages(service)) == {"content", "shown", "statistics"}
    assert_little_is_transferred(service.url)
    assert_programs_find_what_they_read(service.url)
    eventually(lambda: httpx.get(f"{service.url}/v1/statistics").json()["total"]["applications"])
    eventually(lambda: httpx.get(f"{service.url}/readyz").json()["status"] == "ready")


def test_a_malformed_record_is_set_aside_and_after_many_the_site_goes_on(service_process, kafka):
    service = service_process(SERVICE, {"CONSUMER_DEAD_LETTERS_IN_A_ROW": "2"})
    dead_letters = f"{SERVICE}.dead-letters.v1"
    dead = len(kafka.read(dead_letters))

    kafka.write(READS[0].name, b"{", [("ce_type", b"ItemPublished")], b"key")
    write_all(kafka, event_examples("ItemPublished")[0])

    eventually(lambda: all(has_read(kafka, each.name) for each in READS))
    eventually(lambda: len(kafka.read(dead_letters)) == dead + 1)
    assert httpx.get(f"{service.url}/en").status_code == 200

    for _ in range(3):
        kafka.write(READS[0].name, b"{", [("ce_type", b"ItemPublished")], b"key")
    eventually(lambda: "dead-letter-breaker" in httpx.get(f"{service.url}/readyz").text)
    ready = httpx.get(f"{service.url}/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert httpx.get(f"{service.url}/en").status_code == 200


def test_it_starts_before_kafka_is_there_and_stops_at_once(service_process):
    service = service_process(SERVICE, {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"})

    ready, page = httpx.get(f"{service.url}/readyz"), httpx.get(f"{service.url}/tc/news")
    assert (ready.status_code, ready.json()["status"], page.status_code) == (200, "degraded", 200)
    assert {"kafka", "consumer-group"} <= set(ready.json()["waiting_for"])

    started = time.monotonic()
    service.terminate()
    assert time.monotonic() - started < LONGEST_STOP
    assert "service.stopped" in service.log()
