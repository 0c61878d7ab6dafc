"""Removes the members that a killed process left in its group, so that its successor need not wait.

Kafka waits for a dead member until its session times out, and twice as long for one that died while
joining. Until then no member of the group makes progress. A restarted process knows better:
members with its own client id can only be left over from the process that it replaces.
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


def process_name(http: HttpSettings) -> str:
    """Return a client id that no other running process has and that survives a restart.

    Host name and HTTP port: two processes on one host need different ports anyway.
    """
    return f"{gethostname()}-{http.port}"


async def remove_stale_members(settings: KafkaSettings, group: str, client_id: str) -> None:
    """Remove all members with a client id from a group. Call it before the first member joins.

    Never raises: if the members cannot be removed, Kafka waits for their session timeout. A removed
    member that is alive after all joins again.
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
            # Log: The member of a process that died was removed from the group, so that its
            # partitions move at once.
            log.info("consumer.stale_member_removed", answer=for_code(left.error_code).__name__)
    except (KafkaError, OSError) as error:
        # Log: Members of a process that died could not be removed: their partitions wait for the
        # session timeout.
        log.warning("consumer.stale_members_remain", error=type(error).__name__)
    finally:
        await client.close()


def _members(described: Any, client_id: str) -> list[str]:
    [group] = described.to_object()["groups"]
    if code := group["error_code"]:
        raise for_code(code)
    return [each["member_id"] for each in group["members"] if each["client_id"] == client_id]
