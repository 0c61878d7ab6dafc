"""Submissions as clients send them."""

import json
from typing import Any
from uuid import uuid4

from tests.factories import application_body, merged

CONTACT = {"name": "Chan Tai Man", "email": "chan@example.org", "language": "en"}


def submission(stream: str = "assessment", **changes: Any) -> dict[str, Any]:
    """Build a complete submission; changes are merged into it."""
    return merged({"application": application_body(stream), "contact": CONTACT}, changes)


def body(stream: str = "assessment", **changes: Any) -> bytes:
    """Write a submission as JSON."""
    return json.dumps(submission(stream, **changes)).encode()


def headers(key: str = "", **more: str) -> dict[str, str]:
    """Name the headers that every submission needs, with a new idempotency key if none is given."""
    return {
        "Content-Type": "application/json",
        "Idempotency-Key": key or str(uuid4()),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
