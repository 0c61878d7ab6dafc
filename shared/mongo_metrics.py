"""Times the commands that a service sends to MongoDB."""

from typing import Final

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)
from typing_extensions import override

from shared.metrics import Metrics

# Other commands are rare, and may take long without harm: creating an index, opening a connection.
_COMMANDS: Final = ("aggregate", "delete", "find", "findAndModify", "getMore", "insert", "update")


class CommandTimes(CommandListener):
    """The histogram of MongoDB's answers. The driver calls it, from any thread."""

    def __init__(self, metrics: Metrics) -> None:
        service = metrics.service
        self._seconds = {each: metrics.mongo_seconds.labels(service, each) for each in _COMMANDS}

    @override
    def started(self, event: CommandStartedEvent) -> None:
        """Do nothing: the driver measures the time."""

    @override
    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Observe an answer."""
        self._observe(event)

    @override
    def failed(self, event: CommandFailedEvent) -> None:
        """Observe a refusal, or the end of the patience for an answer."""
        self._observe(event)

    def _observe(self, event: CommandSucceededEvent | CommandFailedEvent) -> None:
        if seconds := self._seconds.get(event.command_name):
            seconds.observe(event.duration_micros / 1_000_000)
