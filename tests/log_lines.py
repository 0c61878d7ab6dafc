"""The lines that a service wrote: each one is JSON, and as docs/logs.md says."""

import json
import re
from typing import Any

from devstack.logs_page import log_events_in
from devstack.stack.program import PROJECT

EVENTS = {
    each.name: each for folder in ("shared", "services") for each in log_events_in(PROJECT / folder)
}
ALWAYS = {"event", "level", "timestamp", "service", "correlation_id"}
_ID = re.compile(r"[0-9a-f]{32}")
_NAMED = re.compile(r"`(\w+)`")


def log_lines(text: str) -> list[dict[str, Any]]:
    """Parse what a service wrote; fail on what is not one JSON object a line."""
    return [_parsed(line) for line in text.splitlines()]


def _parsed(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        line = None
    assert isinstance(line, dict), f"not a JSON object: {text}"
    assert not (missing := ALWAYS - line.keys()), f"without {missing}: {text}"
    assert _ID.fullmatch(line["correlation_id"]), text
    return line


def undocumented(line: dict[str, Any]) -> list[str]:
    """Return what docs/logs.md does not say about a line."""
    event = EVENTS.get(line["event"])
    if event is None:
        return [f"event {line['event']}"]
    known = {*ALWAYS, *event.fields, *_NAMED.findall(event.meaning)}
    wrong_level = [f"level {line['level']} of {event.name}"] * (line["level"] != event.level)
    return wrong_level + [f"{each} of {event.name}" for each in sorted(line.keys() - known)]
