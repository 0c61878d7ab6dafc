"""What all decisions have in common.

Each service has a named tuple of its own for its decisions, with the fields of its event in order.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from shared.decisions.shared_values import Reasons, SharedMapping


class Decision(Protocol):
    """The data of one decision: a named tuple of plain values and shared values.

    `idempotency_key` identifies what may be decided only once: `<application id>:<version>`, with
    the ruling if there is one. `order` sorts an application's decisions, the one in force last.
    `scheme` is the stream or category that the decision is counted under. `shared_fields` names the
    fields that hold `Reasons` or a `SharedMapping`.
    """

    @property
    def shared_fields(self) -> tuple[str, ...]: ...  # noqa: D102
    def _asdict(self) -> dict[str, Any]: ...
    @property
    def idempotency_key(self) -> str: ...  # noqa: D102
    @property
    def order(self) -> tuple[object, ...]: ...  # noqa: D102
    @property
    def application_id(self) -> str: ...  # noqa: D102
    @property
    def outcome(self) -> str: ...  # noqa: D102
    @property
    def reasons(self) -> Reasons: ...  # noqa: D102
    @property
    def rule_version(self) -> str: ...  # noqa: D102
    @property
    def decided_at(self) -> datetime: ...  # noqa: D102
    @property
    def scheme(self) -> str: ...  # noqa: D102


DecisionT = TypeVar("DecisionT", bound=Decision)


@dataclass(frozen=True, slots=True)
class Proposal(Generic[DecisionT]):
    """A decision to store, with the trace context that led to it.

    `accepted_ms` is the time of the event that it decides, in milliseconds since 1970. It is not
    stored: a decision that was read from the database, such as a repeat, has none.
    """

    decision: DecisionT
    traceparent: str = ""
    accepted_ms: int | None = field(default=None, compare=False)

    @property
    def idempotency_key(self) -> str:
        """See `Decision`; also the `_id` of the stored decision."""
        return self.decision.idempotency_key


def encoded(decision: Decision, encode: Callable[[Reasons | SharedMapping], Any]) -> dict[str, Any]:
    """Return a decision's fields by name, with every shared value encoded once by `encode`."""
    data = decision._asdict()
    for name in decision.shared_fields:
        if (value := data[name]) is not None:
            if encode not in value.encodings:
                value.encodings[encode] = encode(value)
            data[name] = value.encodings[encode]
    return data
