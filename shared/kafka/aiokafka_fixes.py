"""Shims for aiokafka 0.14. Of each the tests show the bug on the bare client, and the cure.

A test of the first kind that fails is good news: the shim can go. Looked for at every update.

* The top-level error of an OffsetFetch answer (v2 and later) is ignored: a coordinator that is
  still loading looks like "nothing committed", and the whole topic is read again. We ask again.
* An unexpected error code in a heartbeat's answer ends the heartbeat task for good: the process
  lives on and consumes nothing. We rejoin the group.
* `auto_offset_reset` means two things: where a new group starts, and what to do when the records
  that come next are gone. `earliest` is right for the first and, for the second, silently jumps
  over what was lost. We pause the partition instead; nothing else here pauses one, so a paused
  partition is how `shared.consumer.lag` tells. Can go when aiokafka tells the two apart.
"""

from typing import Any, Final

from aiokafka import errors
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import TopicPartitionState
from aiokafka.protocol.commit import OffsetFetchRequest

_Coordinator: Any = GroupCoordinator
_State: Any = TopicPartitionState
_send_request: Final = _Coordinator._send_req  # noqa: SLF001  # what is being fixed
_heartbeat: Final = _Coordinator._do_heartbeat  # noqa: SLF001  # what is being fixed
_await_reset: Final = _State.await_reset


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


def _await_reset_or_pause(self: TopicPartitionState, strategy: int) -> None:
    if self.has_valid_position:  # so there was a place to go on from, and it is out of range
        self.pause()
        return
    _await_reset(self, strategy)


def apply_kafka_fixes() -> None:
    """Apply all shims; may be called any number of times."""
    _Coordinator._send_req = _send_request_checked  # noqa: SLF001  # what is being fixed
    _Coordinator._do_heartbeat = _heartbeat_or_rejoin  # noqa: SLF001  # what is being fixed
    _State.await_reset = _await_reset_or_pause
