"""Decisions: proposed, kept once for each version of an application, announced, shown, counted.

What a service decides is a named tuple of its own, with the fields of its event in their order;
everything here works on what all decisions have.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from shared.decisions.shared_values import Reasons, SharedMapping


class Decision(Protocol):
    """The data of one decision: a named tuple of plain values and of what many have in common.

    `idempotency_key` names what may be decided only once: `<application id>:<version>`, with the
    ruling that led to it where there is one. `order` sorts an application's decisions, the one in
    force last. `scheme` is the stream or category that the decision is counted under. `recurring`
    names the fields that hold `Reasons` or `SharedMapping`.
    """

    @property
    def recurring(self) -> tuple[str, ...]: ...  # noqa: D102
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


class Proposal(NamedTuple, Generic[DecisionT]):
    """A decision to keep, with the trace that led to it."""

    decision: DecisionT
    traceparent: str = ""

    @property
    def idempotency_key(self) -> str:
        """See `Decision`; also the `_id` under which the decision is kept."""
        return self.decision.idempotency_key


def _data(decided: Decision, layout: Callable[[Reasons | SharedMapping], Any]) -> dict[str, Any]:
    data = decided._asdict()
    for name in decided.recurring:
        if (value := data[name]) is not None:
            if layout not in value.encodings:
                value.encodings[layout] = layout(value)
            data[name] = value.encodings[layout]
    return data
