"""What the services of this release make of events: runs in the folder of its source.

Reads one event on each line of the standard input, `{"type": …, "value": …}`, and writes what each
service cannot read.
"""

import json
import sys
from importlib import import_module

from pydantic import ValidationError


def _refusals(service: str, event: dict[str, str]) -> list[str]:
    read = import_module(f"services.{service}.handlers").READ.get(event["type"])
    try:
        if read:
            read(event["value"].encode())
    except ValidationError as error:
        return [
            f"{service}: {event['type']}: {each['loc']}: {each['type']}" for each in error.errors()
        ]
    except Exception as error:  # noqa: BLE001  # a release's own errors
        return [f"{service}: {event['type']}: {error}"]
    return []


EVENTS = [json.loads(line) for line in sys.stdin]
json.dump(
    [
        refusal
        for service in ("eligibility", "notify", "recognition", "reconciliation")
        for event in EVENTS
        for refusal in _refusals(service, event)
    ],
    sys.stdout,
)
