"""The Kafka admin client, opened for a moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.errors import TransientError
from shared.settings import KafkaSettings


@asynccontextmanager
async def open_admin(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Open an admin client; an error of Kafka or of the network becomes `TransientError`."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    try:
        await admin.start()
        yield admin
    except (KafkaError, OSError) as error:
        raise TransientError from error
    finally:
        await admin.close()
