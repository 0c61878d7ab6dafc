"""Publishes the sample content of the embedded stack."""

import asyncio
from pathlib import Path
from typing import Final

from cli.content.contents import checked_edition
from cli.content.display import show_published
from cli.content.publication.publishing import Kafka
from cli.content.publication.run import Publishing, publish_edition
from cli.kafka_option import kafka_settings, unreachable
from cli.retry_policy import RetryPolicy
from devstack.errors import StackError
from shared.errors import TransientError

_GIVE_UP_SECONDS: Final = 30.0


def publish_samples(folder: Path, kafka: str) -> None:
    """Publish the items in `folder` that are not published yet.

    Raises `StackError` if one has a mistake, or Kafka does not answer.
    """
    edition = checked_edition(folder)
    if edition.mistakes:
        msg = f"The sample content cannot be published: {edition.mistakes[0]}"
        raise StackError(msg)
    target = Kafka(kafka_settings(kafka), RetryPolicy(_GIVE_UP_SECONDS, lambda: None))
    try:
        result = asyncio.run(publish_edition(edition, target, Publishing()))
    except TransientError as error:
        raise StackError(unreachable(kafka)) from error
    show_published(result)
