"""The option `--kafka`, shared by the commands that connect to Kafka."""

from typing import Annotated, Final

import typer
from pydantic import ValidationError

from shared.settings import KafkaSettings

DEFAULT_KAFKA: Final = "127.0.0.1:9092"
KafkaOption = Annotated[
    str, typer.Option(envvar="KAFKA_BOOTSTRAP_SERVERS", help="Comma-separated host:port.")
]


def kafka_settings(bootstrap_servers: str) -> KafkaSettings:
    """Return the settings for these addresses; everything else comes from the environment.

    Raises `typer.BadParameter` if they are not addresses.
    """
    try:
        return KafkaSettings(bootstrap_servers=bootstrap_servers)
    except ValidationError:
        msg = f"Must be host:port, or several separated by commas, not {bootstrap_servers!r}."
        raise typer.BadParameter(msg, param_hint="--kafka") from None


def unreachable(kafka: str) -> str:
    """Return the error message for a Kafka that cannot be reached."""
    return f"Kafka at {kafka} cannot be reached. Check the address and start again."
