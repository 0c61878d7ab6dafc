"""Times a service's commands to MongoDB, counts what its writes did, and its connections."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
    ConnectionCheckedInEvent,
    ConnectionCheckedOutEvent,
    ConnectionCheckOutFailedEvent,
    ConnectionCheckOutStartedEvent,
    ConnectionClosedEvent,
    ConnectionCreatedEvent,
    ConnectionPoolListener,
    ConnectionReadyEvent,
    PoolClearedEvent,
    PoolClosedEvent,
    PoolCreatedEvent,
    PoolReadyEvent,
)
from typing_extensions import override

from shared.metrics import Metrics

# Other commands are rare, and may take long without harm: creating an index, opening a connection.
_COMMANDS: Final = ("aggregate", "delete", "find", "findAndModify", "getMore", "insert", "update")
_WRITES: Final = {
    "insert": ("inserted", "duplicate", "error"),
    "update": ("matched", "inserted", "duplicate", "error"),
    "delete": ("deleted", "error"),
}
_DUPLICATE_KEY: Final = 11000


class CommandMetrics(CommandListener):
    """The histogram of MongoDB's answers, and the counter of written documents.

    The driver calls it, from any thread.
    """

    def __init__(self, metrics: Metrics) -> None:
        service = metrics.service
        self._seconds = {each: metrics.mongo_seconds.labels(service, each) for each in _COMMANDS}
        self._writes = {
            (command, result): metrics.mongo_writes.labels(service, command, result)
            for command, results in _WRITES.items()
            for result in results
        }

    @override
    def started(self, event: CommandStartedEvent) -> None:
        """Do nothing: the driver measures the time."""

    @override
    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Observe an answer."""
        self._observe(event)
        if event.command_name in _WRITES:
            for result, number in _results(event.command_name, event.reply):
                self._writes[event.command_name, result].inc(number)

    @override
    def failed(self, event: CommandFailedEvent) -> None:
        """Observe a refusal, or the end of the patience for an answer."""
        self._observe(event)

    def _observe(self, event: CommandSucceededEvent | CommandFailedEvent) -> None:
        if seconds := self._seconds.get(event.command_name):
            seconds.observe(event.duration_micros / 1_000_000)


class ConnectionMetrics(ConnectionPoolListener):
    """The gauge of open connections, and the time that commands wait for one.

    The driver calls it, from any thread.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._open = metrics.mongo_connections.labels(metrics.service)
        self._waiting = metrics.mongo_waiting.labels(metrics.service)

    @override
    def connection_created(self, event: ConnectionCreatedEvent) -> None:
        """Count a connection."""
        self._open.inc()

    @override
    def connection_closed(self, event: ConnectionClosedEvent) -> None:
        """Count it no longer."""
        self._open.dec()

    @override
    def connection_checked_out(self, event: ConnectionCheckedOutEvent) -> None:
        """Count how long a command has waited for it."""
        self._waiting.inc(event.duration or 0.0)

    @override
    def connection_check_out_failed(self, event: ConnectionCheckOutFailedEvent) -> None:
        """Count how long a command has waited in vain."""
        self._waiting.inc(event.duration or 0.0)

    @override
    def connection_check_out_started(self, event: ConnectionCheckOutStartedEvent) -> None:
        """Do nothing: the driver measures the time."""

    @override
    def connection_checked_in(self, event: ConnectionCheckedInEvent) -> None:
        """Do nothing."""

    @override
    def connection_ready(self, event: ConnectionReadyEvent) -> None:
        """Do nothing: it is counted from its creation on."""

    @override
    def pool_created(self, event: PoolCreatedEvent) -> None:
        """Do nothing."""

    @override
    def pool_ready(self, event: PoolReadyEvent) -> None:
        """Do nothing."""

    @override
    def pool_cleared(self, event: PoolClearedEvent) -> None:
        """Do nothing: each of its connections is closed by itself."""

    @override
    def pool_closed(self, event: PoolClosedEvent) -> None:
        """Do nothing: each of its connections is closed by itself."""


def _results(command: str, reply: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Return how many documents a write concerned, by result."""
    done, upserted = reply.get("n", 0), len(reply.get("upserted", ()))
    match command:
        case "insert":
            yield "inserted", done
        case "update":
            yield "matched", done - upserted
            yield "inserted", upserted
        case _:
            yield "deleted", done
    codes = Counter(each["code"] == _DUPLICATE_KEY for each in reply.get("writeErrors", ()))
    for is_duplicate, number in codes.items():
        yield "duplicate" if is_duplicate else "error", number
