"""The requests that tell about groups and partitions: few, each for all that one broker knows.

aiokafka's admin client looks for the coordinator of each group before each request, and cannot read
the descriptions of several groups at once (it takes version 3 of the answer for version 2).
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata
from aiokafka.errors import KafkaError, NodeNotReadyError, for_code
from aiokafka.protocol.admin import DescribeGroupsRequest_v2, ListGroupsRequest
from aiokafka.protocol.api import Request
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.protocol.offset import OffsetRequest, OffsetResetStrategy
from typing_extensions import override

from shared.lag.model import Group, Range
from shared.settings import KafkaSettings

COMMITTED: Final = 1  # the isolation level `read_committed` in requests
_NO_REPLICA: Final = -1
_DEAD: Final = "Dead"
_REQUEST_MS: Final = 5_000
_IS_CONSUMER: Final = frozenset({"consumer", ""})  # of a group that only commits, the type is empty


class Cluster:
    """A connected client. `requests` counts what was sent to brokers, metadata included."""

    def __init__(self, client: AIOKafkaClient) -> None:
        self._client = client
        self.requests = 0

    @classmethod
    async def connect(cls, settings: KafkaSettings) -> "Cluster":
        """Connect; raises an error of Kafka if no broker answers."""
        client = AIOKafkaClient(
            bootstrap_servers=settings.bootstrap_servers, request_timeout_ms=_REQUEST_MS
        )
        try:
            await client.bootstrap()
        except BaseException:
            await client.close()
            raise
        return cls(client)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def refresh(self) -> None:
        """Ask which brokers, topics and partitions there are now."""
        self.requests += 1
        if not await self._client.force_metadata_update():
            raise NodeNotReadyError

    def topics(self) -> Collection[str]:
        """Name all topics, without Kafka's own."""
        names: Collection[str] = self._client.cluster.topics()
        return names

    def partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        """Return the partitions of these topics that have a leader, in order."""
        cluster: Any = self._client.cluster  # has no types
        return [
            TopicPartition(topic, each)
            for topic in sorted(topics)
            for each in sorted(cluster.available_partitions_for_topic(topic) or ())
        ]

    def by_leader(self, partitions: Iterable[TopicPartition]) -> Mapping[int, list[TopicPartition]]:
        """Return the partitions that each broker leads."""
        leaders: dict[int, list[TopicPartition]] = defaultdict(list)
        for each in partitions:
            leader = self._client.cluster.leader_for_partition(each)
            if leader is not None and leader >= 0:
                leaders[leader].append(each)
        return leaders

    async def send(self, node: int, request: Request[Any]) -> Any:
        """Send a request to a broker, and return its answer."""
        self.requests += 1
        return await self._client.send(node, request)

    async def _ask(self, node: int, request: Request[Any]) -> Any:
        return (await self.send(node, request)).to_object()

    async def groups(self) -> Mapping[int, Sequence[str]]:
        """Name the consumer groups that each broker coordinates."""
        nodes = [each.nodeId for each in self._client.cluster.brokers()]
        answers = await asyncio.gather(*(self._ask(each, ListGroupsRequest()) for each in nodes))
        return {
            node: _groups(answer) for node, answer in zip(nodes, answers, strict=True) if answer
        }

    async def describe(self, node: int, groups: Sequence[str]) -> Sequence[Group]:
        """Describe the groups that a broker coordinates."""
        if not groups:
            return []
        answer = await self._ask(node, _DescribeGroups(groups))
        return [_described(each) for each in answer["groups"]]

    async def committed(self, node: int, group: str) -> Mapping[TopicPartition, int]:
        """Return all offsets that a group has committed."""
        answer = await self._ask(node, OffsetFetchRequest(group, None))
        _raise_for(answer)
        return {
            TopicPartition(topic["topic"], each["partition"]): each["offset"]
            for topic in answer["topics"]
            for each in topic["partitions"]
            if not each["error_code"] and each["offset"] >= 0
        }

    async def ranges(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, Range]:
        """Return where partitions start and end; one that does not answer is left out."""
        leaders = self.by_leader(partitions)
        sides = (OffsetResetStrategy.EARLIEST, OffsetResetStrategy.LATEST)
        starts, ends = await asyncio.gather(*(self._offsets(leaders, each) for each in sides))
        return {each: Range(starts[each], ends[each]) for each in starts.keys() & ends.keys()}

    async def _offsets(
        self, leaders: Mapping[int, Sequence[TopicPartition]], side: int
    ) -> Mapping[TopicPartition, int]:
        asked = [
            self._ask(node, OffsetRequest(_NO_REPLICA, COMMITTED, _by_topic(each, side)))
            for node, each in leaders.items()
        ]
        return {
            TopicPartition(topic["topic"], each["partition"]): each["offset"]
            for answer in await asyncio.gather(*asked)
            for topic in answer["topics"]
            for each in topic["partitions"]
            if not each["error_code"]
        }


class _DescribeGroups(Request[DescribeGroupsRequest_v2]):
    """In version 2, of which aiokafka reads the answer rightly."""

    API_KEY = DescribeGroupsRequest_v2.API_KEY

    def __init__(self, groups: Sequence[str]) -> None:
        self._groups = groups

    @override
    def build(self, request_struct_class: type[DescribeGroupsRequest_v2]) -> Any:
        return request_struct_class([*self._groups])


def _groups(answer: Any) -> Sequence[str]:
    _raise_for(answer)
    return sorted(e["group"] for e in answer["groups"] if e["protocol_type"] in _IS_CONSUMER)


def _described(group: Any) -> Group:
    """Return a group; what Kafka calls dead was listed, so it is of another protocol."""
    _raise_for(group)
    if group["state"] == _DEAD:
        return Group(group["group"], None)
    members = group["members"]
    topics = frozenset(topic for each in members for topic in _subscribed(each["member_metadata"]))
    return Group(group["group"], len(members), topics)


def _subscribed(metadata: bytes) -> Iterable[str]:
    """Return the topics to which a member has subscribed; none while its group rebalances.

    Nor of a client that writes something else there: Kafka accepts it.
    """
    try:
        return ConsumerProtocolMemberMetadata.decode(metadata).subscription
    except ValueError:
        return ()


def _raise_for(answer: Any) -> None:
    if code := answer["error_code"]:
        error: KafkaError = for_code(code)()
        raise error


def _by_topic(partitions: Iterable[TopicPartition], side: int) -> list[tuple[str, Any]]:
    topics: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for topic, partition in partitions:
        topics[topic].append((partition, side))
    return [*topics.items()]
