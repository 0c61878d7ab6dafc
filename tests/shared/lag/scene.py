"""A topic, a consumer group and a reader of lags on the real broker."""

from collections.abc import Sequence
from uuid import uuid4

from shared.clock import from_milliseconds
from shared.events.envelope import Topic, recorded
from shared.kafka.topics import provide_topics
from shared.lag.model import PartitionLag
from shared.lag.reader import LagReader
from shared.settings import KafkaSettings
from tests.factories import raw_record
from tests.kafka import KafkaClient


class LagScene:
    """One topic and one group of the test's own, seen by one reader."""

    def __init__(self, servers: str) -> None:
        name = f"test-{uuid4().hex[:12]}"
        self.topic, self.group = f"{name}.facts.v1", name
        self.settings = KafkaSettings(bootstrap_servers=servers, topic_partitions=1)
        self.client = KafkaClient(servers)
        self.reader = LagReader(self.settings)

    async def create(self, partitions: int = 1, *, compacted: bool = False) -> None:
        settings = self.settings.model_copy(update={"topic_partitions": partitions})
        await provide_topics(settings, [Topic(self.topic, compacted)])

    def write(self, *times: float, key: bytes = b"k", value: bytes = b"v") -> None:
        """Write a record for each time, in seconds since 1970, that says it was written then."""
        for each in times:
            self.client.write(self.topic, value, [headers(each)], key)

    def commit(self, offset: int, partition: int = 0) -> None:
        self.client.commit(self.group, self.topic, {partition: (offset, "")})

    async def rows(self) -> Sequence[PartitionLag]:
        """Read the lag of the group."""
        return (await self.reader.read()).by_group().get(self.group, [])

    async def row(self) -> PartitionLag:
        [row] = await self.rows()
        return row


def headers(written: float) -> tuple[str, bytes]:
    return recorded(from_milliseconds(round(written * 1000)))


def a_record_written_at(written: float):
    return raw_record(b"v", [headers(written)], key=b"k")
