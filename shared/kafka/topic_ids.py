"""Asks Kafka for the ids of topics (KIP-516): a topic made anew under its old name has another id.

aiokafka's own metadata requests end at version 5, and ids begin with version 10.
"""

import asyncio
import base64
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any, Final, NamedTuple

import structlog
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, NodeNotReadyError
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)
from typing_extensions import override

from shared.errors import TransientError
from shared.settings import KafkaSettings

log = structlog.get_logger()

_ANSWER_SECONDS: Final = 5.0
_NO_ID: Final = bytes(16)
# Kafka's own form of ids, and whatever is not visible: clients in C leave a zero at the end.
_TEXT: Final = re.compile(r"cluster=([\w-]+) topic=([\w-]+)[\s\0]*", re.ASCII)


class TopicIdentity(NamedTuple):
    """A topic as no other is: its id, and that of its cluster, both as Kafka writes them."""

    cluster_id: str
    topic_id: str

    @property
    def text(self) -> str:
        """The form in which it is committed beside an offset."""
        return f"cluster={self.cluster_id} topic={self.topic_id}"

    @classmethod
    def parse(cls, text: str) -> "TopicIdentity | None":
        """Return the identity in a commit's metadata, or `None` if those are something else."""
        found = _TEXT.fullmatch(text)
        return cls(*found.groups()) if found else None


class TopicIds:
    """A client that knows one request. It connects when it is asked first."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._client: AIOKafkaClient | None = None
        self._asking = asyncio.Lock()
        self.are_known = True
        """Whether the brokers know ids, which they do since Kafka 2.8."""

    async def of(self, topics: Iterable[str]) -> Mapping[str, TopicIdentity]:
        """Return the identities of these topics; those that do not exist now are left out.

        Empty if the brokers know no ids; see `are_known`. Raises `TransientError` while no broker
        answers.
        """
        async with self._asking:
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    return _identities(await self._ask(sorted(topics)))
            except NotImplementedError:  # how aiokafka says that a broker is too old
                if self.are_known:
                    # Log: The brokers know no topic ids: a topic that is deleted and made again is
                    # not noticed.
                    log.warning("topic_ids.unsupported")
                self.are_known = False
                return {}
            except (KafkaError, OSError, TimeoutError) as error:
                await self._close()  # the next attempt looks for brokers anew
                raise TransientError from error

    async def _ask(self, topics: list[str]) -> Any:
        if self._client is None:
            servers = self._settings.bootstrap_servers
            self._client = AIOKafkaClient(bootstrap_servers=servers)
            await self._client.bootstrap()
        node = self._client.get_random_node()
        if node is None:
            raise NodeNotReadyError
        return (await self._client.send(node, _TopicIdsRequest(topics))).to_object()

    async def close(self) -> None:
        """Close the connection."""
        async with self._asking:
            await self._close()

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client:
            with suppress(KafkaError, OSError):
                await client.close()


async def ids_of_topics(settings: KafkaSettings, topics: Iterable[str]) -> Mapping[str, str]:
    """Return the ids of the topics that exist, asked for once.

    Empty if the brokers know no ids. Raises `TransientError` while Kafka cannot be reached.
    """
    ids = TopicIds(settings)
    try:
        return {name: each.topic_id for name, each in (await ids.of(topics)).items()}
    finally:
        await ids.close()


def _identities(answer: Any) -> Mapping[str, TopicIdentity]:
    return {
        topic["name"]: TopicIdentity(answer["cluster_id"], _as_kafka_writes(topic["topic_id"]))
        for topic in answer["topics"]
        if not topic["error_code"] and topic["topic_id"] != _NO_ID and answer["cluster_id"]
    }


def _as_kafka_writes(topic_id: bytes) -> str:
    return base64.urlsafe_b64encode(topic_id).rstrip(b"=").decode()


class _Uuid(AbstractType[bytes]):
    @override
    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @override
    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(16)


class _MetadataResponse(Response):
    API_KEY = 3
    API_VERSION = 10
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("authorized_operations", Int32),
        ("tags", TaggedFields),
    )


class _MetadataRequest(RequestStruct):
    API_KEY = 3
    API_VERSION = 10
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(
                ("topic_id", _Uuid), ("name", CompactString("utf-8")), ("tags", TaggedFields)
            ),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _TopicIdsRequest(Request[_MetadataRequest]):
    API_KEY = 3

    def __init__(self, topics: list[str]) -> None:
        self._topics = topics

    @override
    def build(self, request_struct_class: type[_MetadataRequest]) -> _MetadataRequest:
        asked: list[Any] = [(_NO_ID, each, {}) for each in self._topics]
        return request_struct_class(asked, False, False, False, {})  # noqa: FBT003  # by position
