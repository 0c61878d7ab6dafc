"""No version is published before the one that it follows, whoever publishes it and when."""

import asyncio

import httpx
import pytest

from tests.intake.cuttable_line import a_line_to
from tests.intake.running import running_intake
from tests.intake.submissions import body, headers
from tests.kafka import KafkaClient
from tests.waiting import eventually

URL = "/v1/applications"
NO_KAFKA = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
AMENDMENTS = 4


def versions_in(kafka: KafkaClient, topic: str, application_id: str) -> list[bytes]:
    """Name what is on a topic about an application by the beginning of each value."""
    found = [each for each in kafka.read(topic) if each.key() == application_id.encode()]
    unique = {dict(each.headers())["ce_id"]: each for each in found}
    return [each.value().split(b'"version":')[1].split(b",")[0] for each in unique.values()]


async def change_all(client: httpx.AsyncClient, locations: list[str]) -> None:
    for _ in range(AMENDMENTS):
        await asyncio.gather(
            *(client.put(each, content=body(), headers=headers()) for each in locations)
        )
    await asyncio.gather(
        *(client.post(f"{each}/withdrawal", headers=headers()) for each in locations)
    )


def all_in_order(kafka: KafkaClient, ids: list[str]) -> bool:
    expected = [b"%d" % n for n in range(1, AMENDMENTS + 3)]
    for application_id in ids:
        found = versions_in(kafka, "intake.applications.v1", application_id)
        assert found == expected[: len(found)]
        contacts = versions_in(kafka, "intake.contacts.v1", application_id)
        assert contacts == expected[: len(contacts)]
        if len(found) < len(expected):
            return False
    return True


@pytest.mark.timeout(120)
async def test_after_an_outage_of_kafka_the_versions_are_published_in_order(infra, kafka):
    with a_line_to(infra.kafka_bootstrap_servers, is_up=False) as line:
        there = f"127.0.0.1:{line.port}"
        with running_intake(infra, KAFKA_BOOTSTRAP_SERVERS=there) as intake:
            async with intake.async_client() as client:
                receipts = [
                    (await client.post(URL, content=body(), headers=headers())).json()
                    for _ in range(3)
                ]
                ids = [each["application_id"] for each in receipts]
                await change_all(client, [f"{URL}/{each}" for each in ids])
                line.connect()
                waiting = {"outbox": {"$exists": True}}
                await asyncio.to_thread(
                    eventually, lambda: intake.applications.count_documents(waiting) == 0
                )

    assert all_in_order(kafka, ids)


@pytest.mark.timeout(120)
def test_what_one_instance_could_not_publish_comes_before_what_another_amends(
    kafka, service_process
):
    cut_off = service_process("intake", NO_KAFKA, restart=False)
    with httpx.Client(base_url=cut_off.url, trust_env=False) as client:
        receipt = client.post(URL, content=body(), headers=headers()).json()
    application_id = receipt["application_id"]
    other = service_process("intake")
    with httpx.Client(base_url=other.url, trust_env=False) as client:
        location = f"{URL}/{application_id}"
        answers = [client.put(location, content=body(), headers=headers()) for _ in range(2)]
        eventually(lambda: client.get(location).json()["status"] == "published")

    assert [each.json()["version"] for each in answers] == [2, 3]
    assert versions_in(kafka, "intake.applications.v1", application_id) == [b"1", b"2", b"3"]
