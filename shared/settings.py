"""Settings that every service has, read once at start from the environment.

Wrong values end the start with a message that names the variable.
"""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt, StringConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict

Addresses = Annotated[str, StringConstraints(pattern=r"^[^,\s]+:\d+(,[^,\s]+:\d+)*$")]
"""Comma-separated `host:port`."""


class KafkaSettings(BaseSettings):
    """Where Kafka is, and how missing topics are created."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", frozen=True)

    bootstrap_servers: Addresses = "127.0.0.1:9092"
    create_topics: bool = True
    topic_partitions: PositiveInt = 6
    topic_replication_factor: PositiveInt = 1


class ConsumerSettings(BaseSettings):
    """How a service consumes; the defaults are the measured ones."""

    model_config = SettingsConfigDict(env_prefix="CONSUMER_", frozen=True)

    subscribers: Annotated[int, Field(ge=1, le=16)] = 2
    batch_records: Annotated[int, Field(ge=1, le=10_000)] = 500
    batch_wait_seconds: PositiveFloat = 0.005
    session_timeout_seconds: Annotated[float, Field(ge=6)] = 6
    drain_seconds: PositiveFloat = 8
    stop_seconds: PositiveFloat = 8


class MongoSettings(BaseSettings):
    """Where MongoDB is: a replica set, as writes wait for its majority.

    A call fails for the time being when no primary is found within `wait_seconds`.
    """

    model_config = SettingsConfigDict(env_prefix="MONGODB_", frozen=True)

    url: Annotated[str, StringConstraints(pattern=r"^mongodb(\+srv)?://")] = (
        "mongodb://127.0.0.1:27017/?replicaSet=rs0"
    )
    wait_seconds: PositiveFloat = 5


class HttpSettings(BaseSettings):
    """Where the service listens; `port` 0 means the service's own default."""

    model_config = SettingsConfigDict(env_prefix="HTTP_", frozen=True)

    host: str = "0.0.0.0"  # noqa: S104  # a container's port is published by its orchestrator
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
