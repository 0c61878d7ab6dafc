"""Shows mails to operators. The documents hold no address, so nothing here can show one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.notify.resending.plan import Plan
from services.notify.store.records import FailedAttempt, MailRecord, Total
from shared.references import reference_of

_LISTED: Final = 20
_PLAIN: Final[Mapping[str, Any]] = {"markup": False, "highlight": False, "soft_wrap": True}


def list_document(records: Sequence[MailRecord], totals: Sequence[Total]) -> dict[str, Any]:
    """Return a list as a JSON document."""
    return {
        "mails": [record_document(each) for each in records],
        "totals": [
            {"state": each.state, "reason": each.reason, "count": each.count} for each in totals
        ],
    }


def record_document(record: MailRecord) -> dict[str, Any]:
    """Return what became of a mail as a JSON document."""
    notification = record.notification
    return {
        "id": notification.fact_id,
        "reference": reference_of(notification.application_id),
        "application_id": notification.application_id,
        "template": notification.template,
        "state": record.state,
        "reason": record.reason,
        "occurred_at": _moment(notification.occurred_at),
        "ended_at": None if record.due_at else _moment(record.ended_at),
        "due_at": _moment(record.due_at),
        "attempts_failed": notification.attempts,
        "resends": notification.resend,
        "message_id": record.message_id,
    }


def show_document(records: Sequence[MailRecord]) -> dict[str, Any]:
    """Return a notification with all its sendings as a JSON document."""
    return {
        **record_document(records[-1]),
        "sendings": [
            {
                "state": each.state,
                "reason": each.reason,
                "ended_at": None if each.due_at else _moment(each.ended_at),
                "message_id": each.message_id,
                "failures": [_failure_document(failure) for failure in each.failures],
                "resent": _resend_document(each),
            }
            for each in records
        ],
    }


def _failure_document(failure: FailedAttempt) -> dict[str, Any]:
    return {
        "at": _moment(failure.at),
        "state": failure.state,
        "reason": failure.reason,
        "answer": failure.answer or None,
    }


def _resend_document(record: MailRecord) -> dict[str, Any] | None:
    order = record.resend
    return (
        None
        if order is None
        else {"by": order.by, "at": _moment(order.at), "because": order.because}
    )


def show_list(console: Console, records: Sequence[MailRecord], totals: Sequence[Total]) -> None:
    """Show mails as a table, and how many there are of each kind."""
    if not totals:
        console.print("No mails match.")
        return
    for each in records:
        console.print(_line(each), **_PLAIN)
    table = Table("state", "reason", "mails")
    for total in totals:
        table.add_row(total.state, escape(total.reason or ""), str(total.count))
    console.print(table)
    if (number := sum(each.count for each in totals)) > len(records):
        console.print(f"{len(records)} of {number} are listed; --limit lists more.", **_PLAIN)


def _line(record: MailRecord) -> str:
    """Return a mail in one line, its ID whole, so that it can be copied."""
    notification = record.notification
    parts = [
        _moment(record.ended_at),
        record.state,
        record.reason,
        notification.template,
        reference_of(notification.application_id),
        notification.fact_id,
        f"(resent {notification.resend})" if notification.resend else None,
    ]
    return "  ".join(each for each in parts if each)


def show_mail(console: Console, records: Sequence[MailRecord]) -> None:
    """Show a notification: its fact, and each sending with its attempts and its end."""
    notification = records[-1].notification
    table = Table("field", "value", title=f"Mail {notification.fact_id}", title_justify="left")
    for name, value in record_document(records[-1]).items():
        table.add_row(name.replace("_", " "), escape(str("" if value is None else value)))
    for each in records:
        for line in _history(each):
            table.add_row("history", escape(line))
    console.print(table)


def _history(record: MailRecord) -> Iterable[str]:
    """Return the order, the failed attempts and the end of one sending, in this order."""
    if order := record.resend:
        yield f"{_moment(order.at)} sent again by {order.by}: {order.because}"
    for failure in record.failures:
        answer = f" ({failure.answer})" if failure.answer else ""
        yield f"{_moment(failure.at)} {failure.state}: {failure.reason}{answer}"
    if record.state == "sent":
        yield f"{_moment(record.ended_at)} sent as {record.message_id}"
    elif record.due_at:
        yield f"{_moment(record.due_at)} due: {record.state}"
    elif not record.failures:  # ended before failures were recorded, or when its fact was read
        yield f"{_moment(record.ended_at)} {record.state}: {record.reason}"


def show_plan(console: Console, plan: Plan) -> None:
    """Show which mails would be sent again, and which are refused and why."""
    counts = Counter(
        (each.state, each.reason or "", each.notification.template) for each in plan.todo
    )
    for (state, reason, template), count in sorted(counts.items()):
        console.print(f"{count} to be sent again: {state} {reason}, {template}", **_PLAIN)
    _list(console, [f"  {each.notification.fact_id}" for each in plan.todo])
    _list(console, [f"refused {each.notification.fact_id}: {why}" for each, why in plan.refused])
    if not plan.todo and not plan.refused:
        console.print("No mails match.")


def _list(console: Console, lines: Sequence[str]) -> None:
    for each in lines[:_LISTED]:
        console.print(each, **_PLAIN)
    if len(lines) > _LISTED:
        console.print(f"  and {len(lines) - _LISTED} more", **_PLAIN)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
