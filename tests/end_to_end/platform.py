"""The services as processes, observed from outside: HTTP, MongoDB, Kafka and mails."""

import asyncio
import mailbox
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from pymongo import MongoClient

from devstack.servers.service import service_names
from tests.factories import application_body
from tests.kafka import KafkaClient
from tests.waiting import DEADLINE_SECONDS, eventually

DECISIONS = {"eligibility": "eligibility.decisions.v1", "recognition": "recognition.decisions.v1"}
CONTACT = {"name": "Chan Tai Man", "email": "chan@example.com", "language": "zh-Hant"}


class Platform:
    """All services on the test run's infrastructure."""

    def __init__(self, infra: Any, start: Callable[..., Any]) -> None:
        self.services = {name: start(name) for name in service_names()}
        self.metrics_at_start = {name: self.metrics(name) for name in self.services}
        self.kafka = KafkaClient(infra.kafka_bootstrap_servers)
        self.mongo: MongoClient[dict[str, Any]] = MongoClient(infra.mongodb_url)
        self._maildir = infra.maildir

    def url(self, service: str) -> str:
        return str(self.services[service].url)

    def metrics(self, service: str) -> str:
        return httpx.get(f"{self.url(service)}/metrics").text

    def submit(self, *bodies: dict[str, Any]) -> list[str]:
        """Post applications concurrently; return their ids in the same order."""
        return asyncio.run(self._post_all(bodies))

    async def _post_all(self, bodies: Sequence[dict[str, Any]]) -> list[str]:
        limits = httpx.Limits(max_connections=16)
        async with httpx.AsyncClient(base_url=self.url("intake"), limits=limits) as client:
            answers = await asyncio.gather(*(self._post(client, body) for body in bodies))
        return [answer.json()["application_id"] for answer in answers]

    async def _post(self, client: httpx.AsyncClient, application: dict[str, Any]) -> httpx.Response:
        answer = await client.post(
            "/v1/applications",
            json={"application": application, "contact": CONTACT},
            headers={"Idempotency-Key": str(uuid4())},
            timeout=DEADLINE_SECONDS,
        )
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return answer

    def decisions(self, service: str, ids: Iterable[str]) -> list[dict[str, Any]]:
        """Read the stored decisions on these applications."""
        found = self.mongo[service]["decisions"].find({"application_id": {"$in": list(ids)}})
        return list(found)

    def wait_until_decided(self, service: str, ids: Sequence[str]) -> None:
        eventually(
            lambda: len(self.decisions(service, ids)) == len(ids),
            because=f"{service} did not decide {len(ids)} applications in time",
        )

    def decision_events(self, service: str, ids: Iterable[str]) -> dict[str, Counter[bytes]]:
        """Count the values of each application's decision events: one value, unless they differ."""
        wanted = {each.encode() for each in ids}
        values: dict[str, Counter[bytes]] = {}
        for message in self.kafka.read(DECISIONS[service]):
            if message.key() in wanted:
                values.setdefault(message.key().decode(), Counter())[message.value()] += 1
        return values

    def mails(self, ids: Iterable[str]) -> list[Message]:
        """Read the headers of the mails about these applications."""
        wanted = set(ids)
        box = mailbox.Maildir(Path(self._maildir), BytesHeaderParser().parse, create=False)
        return [mail for mail in box if mail["X-Application-Id"] in wanted]

    def wait_until_mailed(self, ids: Sequence[str]) -> list[Message]:
        """Wait for two mails about each application: the receipt and the outcome."""
        eventually(
            lambda: len(self.mails(ids)) >= 2 * len(ids),
            within_seconds=240,  # a group waits for session time-outs, longer on a busy machine
            because="not all mails arrived in time",
        )
        return self.mails(ids)


def eligible_applications(count: int) -> list[dict[str, Any]]:
    """Build different applications for funding, all eligible in phase 5."""
    return [
        application_body("new-technology", project={"cost_cents": 100_000 + number})
        for number in range(count)
    ]
