"""Shims for aiokafka 0.14, each with a test that fails when upstream has fixed it.

* The top-level error of an OffsetFetch answer (v2 and later) is ignored: a coordinator that is
  still loading looks like "nothing committed", and the whole topic is read again. We ask again.
* An unexpected error code in a heartbeat's answer ends the heartbeat task for good: the process
  lives on and consumes nothing. We rejoin the group.
"""

from typing import Any, Final

from aiokafka import errors
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.commit import OffsetFetchRequest

_Coordinator: Any = GroupCoordinator
_send_request: Final = _Coordinator._send_req  # noqa: SLF001  # what is being fixed
_heartbeat: Final = _Coordinator._do_heartbeat  # noqa: SLF001  # what is being fixed


async def _send_request_checked(self: GroupCoordinator, request: Any) -> Any:
    response = await _send_request(self, request)
    code = getattr(response, "error_code", 0)
    if code and isinstance(request, OffsetFetchRequest):
        if errors.for_code(code) in {
            errors.NotCoordinatorForGroupError,
            errors.GroupCoordinatorNotAvailableError,
        }:
            self.coordinator_dead()
        raise errors.NotCoordinatorForGroupError  # retriable: the caller waits and asks again
    return response


async def _heartbeat_or_rejoin(self: GroupCoordinator) -> bool:
    try:
        return bool(await _heartbeat(self))
    except errors.GroupAuthorizationFailedError:
        raise
    except errors.KafkaError:
        self.request_rejoin()
        return False


def apply_kafka_fixes() -> None:
    """Apply all shims; may be called any number of times."""
    _Coordinator._send_req = _send_request_checked  # noqa: SLF001  # what is being fixed
    _Coordinator._do_heartbeat = _heartbeat_or_rejoin  # noqa: SLF001  # what is being fixed
