"""From an application over HTTP to its decision and its mails, all in containers."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from tests.containers.applicants import Accepted, Applicants
from tests.containers.compose import SERVICES, Platform
from tests.kafka import KafkaClient
from tests.waiting import eventually

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

STREAMS = (
    "assessment",
    "demonstration",
    "verification",
    "new-technology",
    "organisation-support",
    "recognition",
)


@pytest.fixture(scope="module")
def mongodb(platform: Platform) -> Iterator[MongoClient[dict[str, Any]]]:
    url = f"mongodb://127.0.0.1:{platform.ports['mongodb']}/?directConnection=true"
    with MongoClient[dict[str, Any]](url) as client:
        yield client


@pytest.fixture(scope="module")
def applications(applicants: Applicants) -> list[Accepted]:
    accepted = [applicants.submit(stream) for stream in STREAMS]
    for each in accepted:
        eventually(lambda each=each: applicants.decisions(each), because=f"{each} is undecided")
    return accepted


def test_every_application_is_decided_once(
    applications: list[Accepted], applicants: Applicants, mongodb: MongoClient[dict[str, Any]]
):
    for each in applications:
        [decision] = applicants.decisions(each)
        [stored] = mongodb[each.decided_by]["decisions"].find({"application_id": each.id})

        assert stored["_id"] == f"{each.id}:1"
        assert stored["outcome"] == decision["outcome"]


def test_every_decision_is_on_its_owners_topic(applications: list[Accepted], platform: Platform):
    kafka = KafkaClient(f"127.0.0.1:{platform.ports['kafka']}")

    for owner in ("eligibility", "recognition"):
        keys = {record.key().decode() for record in kafka.read(f"{owner}.decisions.v1")}
        assert keys >= {each.id for each in applications if each.decided_by == owner}


def test_every_applicant_gets_two_mails(applications: list[Accepted], applicants: Applicants):
    received = eventually(lambda: applicants.both_mails(applications), because="mails are missing")

    for of_one in received.values():
        assert len({mail["subject"] for mail in of_one}) == len(of_one) == 2
        assert all(mail["text"] and mail["html"] for mail in of_one)


def test_mails_are_in_the_language_of_the_applicant(
    applications: list[Accepted], applicants: Applicants
):
    received = eventually(lambda: applicants.both_mails(applications))

    for of_one in received.values():
        assert all(re.search(r"[\u4e00-\u9fff]", mail["subject"]) for mail in of_one)


def test_prometheus_scrapes_every_service(platform: Platform):
    def health() -> dict[str, str]:
        answer = httpx.get(f"{platform.url('prometheus')}/api/v1/targets").json()
        return {each["labels"]["job"]: each["health"] for each in answer["data"]["activeTargets"]}

    expected = dict.fromkeys([*SERVICES, "prometheus", "alertmanager"], "up")
    eventually(lambda: health() == expected, because=f"targets are {health()}")


def test_prometheus_counts_every_decision(applications: list[Accepted], platform: Platform):
    def counted() -> float:
        query = {"query": "sum(cppp_decisions_total)"}
        answer = httpx.get(f"{platform.url('prometheus')}/api/v1/query", params=query).json()
        result = answer["data"]["result"]
        return float(result[0]["value"][1]) if result else 0

    eventually(lambda: counted() >= len(applications), because=f"counted {counted()}")
