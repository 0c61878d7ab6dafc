"""A consumer group of a test's own with dead letters on a real Kafka, and the command on them."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from confluent_kafka import KafkaException, Message
from typer.testing import CliRunner

from cli.main import app
from shared.clock import milliseconds
from shared.consumer.dead_letters import DeadLetter, DeadLetterEnvelope
from shared.events.envelope import Topic, dead_letter_topic
from shared.kafka.topics import provide_topics
from shared.settings import KafkaSettings
from tests.factories import NOW, raw_record
from tests.kafka import KafkaClient
from tests.waiting import eventually

RAW = [("ce_type", b"ApplicationSubmitted"), ("ce_time", b"2026-11-02T01:30:00.000Z")]
ODD = [*RAW, ("trace", b"\xff\x00"), ("empty", None), ("trace", b"again")]


@dataclass(frozen=True)
class Said:
    """What the command answered."""

    code: int
    out: str
    err: str

    @property
    def documents(self):
        return json.loads(self.out)


class DeadLetterFixture:
    """The dead letters of one group, with a topic that they came from."""

    def __init__(self, bootstrap_servers: str, group: str = "") -> None:
        self.servers = bootstrap_servers
        self.group = group or f"test-{uuid4().hex[:12]}"
        self.letters = dead_letter_topic(self.group)
        self.origin = Topic(f"{self.group}.facts.v1")
        self.redrives = f"{self.group}.redrives.v1"
        self.actions = f"{self.group}.dead-letter-actions.v1"
        self.client = KafkaClient(bootstrap_servers)
        settings = KafkaSettings(bootstrap_servers=bootstrap_servers, topic_partitions=2)
        asyncio.run(provide_topics(settings, [self.letters, self.origin]))
        eventually(self._is_served)

    def _is_served(self) -> bool:
        try:
            self.client.read(self.letters.name)
        except KafkaException:  # a new topic has no leader for a moment
            return False
        return True

    def dead_letter(
        self,
        value: bytes | None = b"personal data",
        headers=RAW,
        *,
        key: bytes | None = None,
        reason: str = "malformed",
        age: timedelta = timedelta(),
        **changed: bytes | None,
    ) -> str:
        """Write a dead letter as a service does; `changed` headers are ours. Returns its id."""
        key = uuid4().hex.encode() if key is None else (key or None)
        record = raw_record(value, headers, topic=self.origin.name, offset=7, key=key)
        fixture = DeadLetterEnvelope(self.group, "1.0")
        addressed = fixture.wrap(DeadLetter(record, reason, "no header ce_type"), NOW - age)
        ours = {f"x-dead-letter-{name.replace('_', '-')}": new for name, new in changed.items()}
        written = [
            (name, ours.get(name, old))
            for name, old in addressed.headers
            if ours.get(name, old) is not None or name not in ours
        ]
        return self.write(addressed.value, written, addressed.key, addressed.time)

    def write(
        self, value: bytes | None, headers, key: bytes | None, time: datetime | None = None
    ) -> str:
        """Write any record to the topic of dead letters; returns its id."""
        before = self.ids()
        written_at = milliseconds(time) if time else 0
        self.client.write(self.letters.name, value, headers, key, written_at)
        [new] = set(self.ids()) - set(before)
        return new

    def write_many(self, count: int) -> None:
        """Write many dead letters without asking for their ids."""
        for number in range(count):
            self.client.write(
                self.letters.name,
                b"{",
                [
                    ("x-dead-letter-reason", b"malformed"),
                    ("x-dead-letter-topic", self.origin.name.encode()),
                    ("x-dead-letter-partition", b"0"),
                    ("x-dead-letter-offset", str(number).encode()),
                    ("x-dead-letter-attempts", b"1"),
                ],
                str(number).encode(),
            )

    def ids(self) -> list[str]:
        found = self.client.read(self.letters.name)
        return [f"{self.group}/{each.partition()}/{each.offset()}" for each in found]

    def on(self, topic: str) -> list[Message]:
        """Read a topic that may not exist yet, or have no leader yet."""
        try:
            return self.client.read(topic) if topic in self.topics() else []
        except KafkaException:
            return []

    def topics(self) -> set[str]:
        return set(self.client.topics())

    def run(self, *arguments: str, servers: str = "") -> Said:
        """Run `cppp dead-letters …`."""
        command = ["dead-letters", *arguments, "--kafka", servers or self.servers]
        result = CliRunner().invoke(app, command, env={"COLUMNS": "250"})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return Said(result.exit_code, result.stdout, result.stderr)

    def listed(self, *options: str):
        return self.run("list", "--group", self.group, "--json", *options).documents

    def states(self) -> dict[str, str]:
        return {each["id"]: each["state"] for each in self.listed("--letters")}
