"""Takes over at once from a process that was killed: what it left in the group is removed.

Kafka waits for a member that is gone until its session times out, twice as long for one that went
while it was joining, and so long nobody in the group gets on. The process that is started again
need not wait: members of its own name can only be left from its former life.
"""

from socket import gethostname
from typing import Any, Final

import structlog
from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.admin import DescribeGroupsRequest
from aiokafka.protocol.group import LeaveGroupRequest

from shared.settings import HttpSettings, KafkaSettings

log = structlog.get_logger()

_REQUEST_MS: Final = 5_000


def process_name() -> str:
    """Name this process: unlike any that runs beside it, and the same after a restart.

    Of two processes of a service on one host each needs an HTTP port of its own.
    """
    return f"{gethostname()}-{HttpSettings().port}"


async def remove_stale_members(settings: KafkaSettings, group: str, client_id: str) -> None:
    """Remove all members that bear a client id from a group; call it before the first one joins.

    Never raises: where it cannot be done, Kafka waits for their session time-out. One that is alive
    all the same finds out, and joins anew.
    """
    client = AIOKafkaClient(
        bootstrap_servers=settings.bootstrap_servers,
        client_id=client_id,
        request_timeout_ms=_REQUEST_MS,
    )
    try:
        await client.bootstrap()
        coordinator = await client.coordinator_lookup(CoordinationType.GROUP, group)
        described = await client.send(coordinator, DescribeGroupsRequest([group]))
        for member_id in _members(described, client_id):
            left = await client.send(coordinator, LeaveGroupRequest(group, member_id))
            log.info("consumer.former-member-removed", answer=for_code(left.error_code).__name__)
    except (KafkaError, OSError) as error:
        log.warning("consumer.former-members-stay", error=type(error).__name__)
    finally:
        await client.close()


def _members(described: Any, client_id: str) -> list[str]:
    [group] = described.to_object()["groups"]
    if code := group["error_code"]:
        raise for_code(code)
    return [each["member_id"] for each in group["members"] if each["client_id"] == client_id]
