"""Settings that every service has, read once at start from the environment.

A wrong value ends the start with a message that names the variable.
"""

import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    Field,
    PositiveFloat,
    PositiveInt,
    StringConstraints,
    ValidationError,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.mongo_url import checked
from shared.validation import broken_rule

Addresses = Annotated[str, StringConstraints(pattern=r"^[^,\s]+:\d+(,[^,\s]+:\d+)*$")]
"""Comma-separated `host:port`."""

ProcessName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,200}$")]
_PROCESS_NAME: Final = "Must be 1 to 200 letters, digits, dots, hyphens or underscores."


class Settings(BaseSettings):
    """Base of all settings; `complaints` describes what is wrong, without any value.

    The description of a field that has a pattern says what it must be.
    """

    # An endless time is none: what waits for it would never be given up.
    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


def complaints(kinds: Iterable[type[Settings]] | None = None) -> Iterator[str]:
    """Yield a line for each wrong variable.

    Checks `kinds`, or by default all settings that this program has imported.
    """
    for settings in Settings.__subclasses__() if kinds is None else kinds:
        try:
            settings()
        except ValidationError as error:
            for each in error.errors(include_url=False, include_input=False):
                yield _complaint(settings, str(each["loc"][0]), broken_rule(each))


def exit_if_wrong(kinds: Iterable[type[Settings]] | None = None) -> None:
    """End the program with the lines of `complaints`, if there are any."""
    if wrong := list(complaints(kinds)):
        sys.exit("\n".join(wrong))


def _complaint(settings: type[Settings], field: str, rule: str) -> str:
    """Name the variable, and what it must be: the description if that says it all."""
    variable = f"{settings.model_config.get('env_prefix', '')}{field}".upper()
    advice = settings.model_fields[field].description or ""
    told = advice if advice.startswith("Must ") else f"{rule} {advice}".rstrip()
    return f"{variable}: {told}"


class KafkaSettings(Settings):
    """The brokers, and how missing topics are created."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_")

    bootstrap_servers: Addresses = Field(
        "127.0.0.1:9092", description="Must be host:port, several with commas between."
    )
    create_topics: bool = True
    topic_partitions: PositiveInt = 6
    topic_replication_factor: PositiveInt = 1


class ConsumerSettings(Settings):
    """How a service consumes; the defaults were measured.

    Without `subscribers` there are as many as the service's `Subscription` says.
    `client_id` identifies this process: unique, and the same after a restart. The default is host
    and port, see `shared.consumer.stale_members`. `instance_id`, unique and stable likewise, makes
    the members static: after a restart their partitions wait for them instead of moving. The
    consumer stops when more than `dead_letters_in_a_row` records would become dead letters one
    after another, or more than `dead_letter_share` of the last 1,000. A process that makes no
    progress for `stuck_seconds` ends itself. A transaction that holds a partition for longer than
    `open_transaction_seconds` makes the service unready.
    """

    model_config = SettingsConfigDict(env_prefix="CONSUMER_")

    subscribers: Annotated[int, Field(ge=1, le=16)] | None = None
    batch_records: Annotated[int, Field(ge=1, le=10_000)] = 500
    session_timeout_seconds: Annotated[float, Field(ge=6)] = 6
    drain_seconds: PositiveFloat = 8
    stop_seconds: PositiveFloat = 8
    client_id: ProcessName | None = Field(None, description=_PROCESS_NAME)
    instance_id: ProcessName | None = Field(None, description=_PROCESS_NAME)
    dead_letters_in_a_row: Annotated[int, Field(ge=1, le=10_000)] = 100
    dead_letter_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    stuck_seconds: Annotated[int, Field(ge=5)] = 120
    open_transaction_seconds: PositiveFloat = 30


class MongoSettings(Settings):
    """The replica set: writes wait for its majority, and reads are of its primary.

    No option of `url` changes that, see `shared.mongo_url`. A call raises `TransientError` if no
    primary is found within `wait_seconds`.
    """

    model_config = SettingsConfigDict(env_prefix="MONGODB_")

    url: Annotated[str, AfterValidator(checked)] = Field(
        "mongodb://127.0.0.1:27017/?replicaSet=rs0",
        description="Give an address such as mongodb://host:27017/?replicaSet=rs0.",
    )
    # Below a millisecond the driver would understand "without limit".
    wait_seconds: Annotated[float, Field(ge=0.05, le=600)] = 5


class HttpSettings(Settings):
    """Where the service listens, and what a client may take.

    `port` 0 stands for the service's own default. A request may have `max_header_bytes` of request
    line and headers, all of them within `header_seconds`. Its body may pause for `body_seconds`
    while the service waits for it.
    """

    model_config = SettingsConfigDict(env_prefix="HTTP_")

    host: str = "0.0.0.0"  # noqa: S104  # a container's port is published by its orchestrator
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    max_header_bytes: Annotated[int, Field(ge=1024)] = 65_536
    header_seconds: PositiveFloat = 60
    body_seconds: PositiveFloat = 60
