"""Workarounds for bugs of aiokafka 0.14. For each, one test shows the bug and another the fix.

If a test that shows a bug fails after an update of aiokafka, the workaround can go.

* aiokafka ignores the top-level error of an OffsetFetch response (v2 and later): a coordinator that
  is still loading looks like "nothing committed", and the whole topic is read again. We retry.
* An unexpected error code in a heartbeat response ends the heartbeat task: the process stays alive
  and consumes nothing. We rejoin the group.
* `auto_offset_reset` decides two things: where a new group starts, and what happens when the next
  records are gone. `earliest` is right for the first, but silently skips lost records in the
  second case. We pause the partition instead. Nothing else pauses a partition, so
  `shared.consumer.lag` takes a paused partition as one whose records are gone.
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
    if self.has_valid_position:  # the consumer had a position, and it is out of range now
        self.pause()
        return
    _await_reset(self, strategy)


def apply_kafka_fixes() -> None:
    """Apply all workarounds; may be called repeatedly."""
    _Coordinator._send_req = _send_request_checked  # noqa: SLF001  # what is being fixed
    _Coordinator._do_heartbeat = _heartbeat_or_rejoin  # noqa: SLF001  # what is being fixed
    _State.await_reset = _await_reset_or_pause
