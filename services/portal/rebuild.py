"""Fill the database from the topics, while the site serves: `python -m services.portal.rebuild`.

It reads outside the consumer group, so it needs no reset of offsets and nothing is to be stopped.
Until it is done, also after an interruption, no process takes the database for complete.
"""

import sys
from collections.abc import Iterable
from typing import Final

import typer

from services.portal.app import READS
from services.portal.handlers import Kept, build_handler
from services.portal.settings import SERVICE
from services.portal.statistics.store import MongoApplications
from services.portal.store import MongoFacts, MongoReadUntil
from shared.consumer.handling import Handler, decide_all
from shared.consumer.parsing import parse_all
from shared.errors import TransientError
from shared.kafka.reader import read_topics
from shared.kafka.record import KafkaRecord
from shared.mongo import Database
from shared.service.commands import run_on_database
from shared.settings import KafkaSettings

_AT_ONCE: Final = 100  # images have up to 500 KB each
_UNREACHABLE: Final = (
    "Kafka or MongoDB cannot be reached. Check KAFKA_BOOTSTRAP_SERVERS and MONGODB_URL, and repeat."
)


def rebuild() -> None:
    """Store everything that the topics have and the database lacks; nothing else changes."""
    kept = run_on_database(SERVICE, rebuilt)
    if kept is None:
        sys.exit(_UNREACHABLE)
    typer.echo(f"{kept} events read, and kept where they were missing.")


async def rebuilt(database: Database) -> int | None:
    """Return how many events were read and kept, `None` if Kafka or MongoDB went away."""
    stores = MongoFacts(database), MongoApplications(database)
    handler = build_handler(*stores, lambda _kept: None)
    progress, kept = MongoReadUntil(database), 0
    try:
        await progress.begin_filling()
        async for records in read_topics(KafkaSettings(), READS):
            for start in range(0, len(records), _AT_ONCE):
                kept += await _keep(handler, records[start : start + _AT_ONCE])
        await progress.end_filling()
    except TransientError:
        return None
    return kept


async def _keep(handler: Handler[Kept, Kept], records: Iterable[KafkaRecord]) -> int:
    """Keep what the records say; those that cannot be handled are dead letters of the service."""
    batch = parse_all(records, handler.parsers)
    decide = await handler.lookup(batch.events)
    found, _dead_letters = decide_all(batch.parsed, decide)
    await handler.keep(found)
    return len(found)


if __name__ == "__main__":
    typer.run(rebuild)
