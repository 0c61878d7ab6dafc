"""Which mails may be sent again, and why the others may not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from services.notify.delivery.recipients import RecipientResolver
from services.notify.model import End, Failed, Notification, Outcome, State
from services.notify.store.records import MailRecord

_ENDED: Final[frozenset[State]] = frozenset(["sent", *get_args(get_args(End)[1])])
_AGAIN: Final = "Name it by ID and add --again to send it all the same."
_NEVER: Final[Mapping[State, str]] = {
    "erased": "its contact person was erased",
    "stopped": "its application was withdrawn, or a newer version replaced it",
}
_NOT_NOW: Final[Mapping[State, str]] = {
    **_NEVER,
    "suppressed": "its address is on the suppression list: remove it there first, "
    "if the person can be reached again (python -m services.notify.suppressions remove)",
    "permanent-failure": "no contact person is known: look for a dead letter of notify "
    "from intake.contacts.v1",
}


@dataclass(slots=True)
class Plan:
    """The mails to send again, and those that are refused, with the reason."""

    todo: list[MailRecord] = field(default_factory=list)
    refused: list[tuple[MailRecord, str]] = field(default_factory=list)


def objection(record: MailRecord, *, again: bool) -> str | None:
    """Return why a mail must not be sent again by what became of it, or None."""
    state = record.state
    if state not in _ENDED:
        return f"has not ended: it is {state} and goes out by itself"
    if state in _NEVER:
        return _NEVER[state]
    if not record.is_announced:
        return "its outcome is not published yet: repeat the command in a moment"
    if state == "sent" and not again:
        return f"was sent at {record.ended_at:%Y-%m-%dT%H:%M:%SZ}. {_AGAIN}"
    if state == "too-old" and not again:
        return f"its fact was too old when it was read. {_AGAIN}"
    return None


async def make_plan(
    records: Sequence[MailRecord], resolver: RecipientResolver, *, again: bool
) -> Plan:
    """Separate the mails that may be sent again from those that would not reach anybody."""
    plan, passed = Plan(), list[MailRecord]()
    for each in records:
        if why := objection(each, again=again):
            plan.refused.append((each, why))
        else:
            passed.append(each)
    unsendable = await _unsendable([each.notification for each in passed], resolver)
    for each in passed:
        if outcome := unsendable.get(each.notification.id):
            plan.refused.append((each, _why(outcome)))
        else:
            plan.todo.append(each)
    return plan


async def _unsendable(
    notifications: Sequence[Notification], resolver: RecipientResolver
) -> Mapping[str, Outcome]:
    resolved = await resolver.resolve(notifications)
    return {each.id: outcome for each, outcome in resolved.outcomes}


def _why(outcome: Outcome) -> str:
    return _NOT_NOW[outcome.state if isinstance(outcome, Failed) else "permanent-failure"]
