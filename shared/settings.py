"""Settings that every service has, read once at start from the environment.

A wrong value ends the start with a message that names the variable.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

Addresses = Annotated[str, StringConstraints(pattern=r"^[^,\s]+:\d+(,[^,\s]+:\d+)*$")]
"""Comma-separated `host:port`."""

ProcessName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,200}$")]


class Settings(BaseSettings):
    """Base of all settings; `complaints` describes what is wrong, without any value."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)


def complaints(kinds: Iterable[type[Settings]] | None = None) -> Iterator[str]:
    """Yield a line for each wrong variable.

    Checks `kinds`, or by default all settings that this program has imported.
    """
    for settings in Settings.__subclasses__() if kinds is None else kinds:
        try:
            settings()
        except ValidationError as error:
            for each in error.errors(include_url=False, include_context=False, include_input=False):
                yield _complaint(settings, str(each["loc"][0]), each["msg"])


def _complaint(settings: type[Settings], field: str, rule: str) -> str:
    variable = f"{settings.model_config.get('env_prefix', '')}{field}".upper()
    advice = settings.model_fields[field].description or ""
    return f"{variable}: {rule}. {advice}".rstrip()


class KafkaSettings(Settings):
    """The brokers, and how missing topics are created."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_")

    bootstrap_servers: Addresses = Field(
        "127.0.0.1:9092", description="Give host:port, several with commas between."
    )
    create_topics: bool = True
    topic_partitions: PositiveInt = 6
    topic_replication_factor: PositiveInt = 1


class ConsumerSettings(Settings):
    """How a service consumes; the defaults were measured.

    `client_id` identifies this process: unique, and the same after a restart. The default is host
    and port, see `shared.consumer.stale_members`. `instance_id`, unique and stable likewise, makes
    the members static: after a restart their partitions wait for them instead of moving. The
    consumer stops when more than `dead_letters_in_a_row` records would become dead letters one
    after another, or more than `dead_letter_share` of the last 1,000. A process that makes no
    progress for `stuck_seconds` ends itself. A transaction that holds a partition for longer than
    `open_transaction_seconds` makes the service unready.
    """

    model_config = SettingsConfigDict(env_prefix="CONSUMER_")

    subscribers: Annotated[int, Field(ge=1, le=16)] = 3
    batch_records: Annotated[int, Field(ge=1, le=10_000)] = 500
    session_timeout_seconds: Annotated[float, Field(ge=6)] = 6
    drain_seconds: PositiveFloat = 8
    stop_seconds: PositiveFloat = 8
    client_id: ProcessName | None = None
    instance_id: ProcessName | None = None
    dead_letters_in_a_row: PositiveInt = 100
    dead_letter_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    stuck_seconds: Annotated[int, Field(ge=5)] = 120
    open_transaction_seconds: PositiveFloat = 30


class MongoSettings(Settings):
    """The replica set: writes wait for its majority.

    A call raises `TransientError` if no primary is found within `wait_seconds`.
    """

    model_config = SettingsConfigDict(env_prefix="MONGODB_")

    url: Annotated[str, StringConstraints(pattern=r"^mongodb(\+srv)?://")] = Field(
        "mongodb://127.0.0.1:27017/?replicaSet=rs0",
        description="Give an address such as mongodb://host:27017/?replicaSet=rs0.",
    )
    wait_seconds: PositiveFloat = 5


class HttpSettings(Settings):
    """Where the service listens; `port` 0 stands for the service's own default."""

    model_config = SettingsConfigDict(env_prefix="HTTP_")

    host: str = "0.0.0.0"  # noqa: S104  # a container's port is published by its orchestrator
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
