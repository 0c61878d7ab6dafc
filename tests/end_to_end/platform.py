"""The four services as programs, and what can be seen of them from outside."""

import asyncio
import mailbox
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from email.message import Message
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from pymongo import MongoClient

from tests.factories import application_body
from tests.kafka import KafkaClient
from tests.waiting import eventually

DECISIONS = {"eligibility": "eligibility.decisions.v1", "recognition": "recognition.decisions.v1"}
CONTACT = {"name": "Chan Tai Man", "email": "chan@example.com", "language": "zh-Hant"}


class Platform:
    """All services on the test run's infrastructure."""

    def __init__(self, infra: Any, start: Callable[..., Any]) -> None:
        self.services = {
            name: start(name) for name in ("intake", "eligibility", "recognition", "notify")
        }
        self.kafka = KafkaClient(infra.kafka_bootstrap_servers)
        self.mongo: MongoClient[dict[str, Any]] = MongoClient(infra.mongodb_url)
        self._maildir = infra.maildir

    def url(self, service: str) -> str:
        return str(self.services[service].url)

    def submit(self, *bodies: dict[str, Any]) -> list[str]:
        """Post applications, many at a time; return their ids in the same order."""
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
            timeout=30,
        )
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return answer

    def decided(self, service: str, ids: Iterable[str]) -> list[dict[str, Any]]:
        """Find the kept decisions of these applications."""
        found = self.mongo[service]["decisions"].find({"application_id": {"$in": list(ids)}})
        return list(found)

    def wait_until_decided(self, service: str, ids: Sequence[str]) -> None:
        eventually(
            lambda: len(self.decided(service, ids)) == len(ids),
            because=f"{service} did not decide {len(ids)} applications in time",
        )

    def announced(self, service: str, ids: Iterable[str]) -> dict[str, Counter[bytes]]:
        """Count the different values of each application's decision events."""
        wanted = {each.encode() for each in ids}
        seen: dict[str, Counter[bytes]] = {}
        for message in self.kafka.read(DECISIONS[service]):
            if message.key() in wanted:
                seen.setdefault(message.key().decode(), Counter())[message.value()] += 1
        return seen

    def mails(self, ids: Iterable[str]) -> list[Message]:
        """Read the mails about these applications that have arrived."""
        wanted = set(ids)
        box = mailbox.Maildir(Path(self._maildir), create=False)
        return [mail for mail in box if mail["X-Application-Id"] in wanted]

    def wait_until_mailed(self, ids: Sequence[str]) -> list[Message]:
        """Wait for two mails for each application: received, and the outcome."""
        eventually(
            lambda: len(self.mails(ids)) >= 2 * len(ids),
            within_seconds=90,  # after kills a group waits for each dead member's time-out
            because="not all mails arrived in time",
        )
        return self.mails(ids)


def some_applications(count: int) -> list[dict[str, Any]]:
    """Lay out different applications for funding, each eligible in phase 5."""
    return [
        application_body("new-technology", project={"cost_cents": 100_000 + number})
        for number in range(count)
    ]
