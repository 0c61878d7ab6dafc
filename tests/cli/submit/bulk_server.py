"""Answers of an intake to bulk requests, as a test scripts them."""

import json
from collections.abc import Callable
from typing import Any

from tests.cli.scripted_server import Answer, ReceivedRequest

NDJSON = {"Content-Type": "application/x-ndjson"}
Judge = Callable[[int, str], dict[str, Any]]


def keys(asked: ReceivedRequest) -> list[str]:
    """Return the idempotency keys of a request, of whichever kind."""
    if is_bulk(asked):
        return [json.loads(line)["idempotency_key"] for line in asked.body.splitlines()]
    return [asked.headers["Idempotency-Key"]] if asked.method == "POST" else []


def is_bulk(asked: ReceivedRequest) -> bool:
    return asked.path.endswith(":batch")


def accept(_line: int, key: str) -> dict[str, Any]:
    return {"status": 202, "application_id": f"id of {key}"}


def results(asked: ReceivedRequest, judge: Judge = accept) -> Answer:
    """Answer every line of a bulk request."""
    lines = [
        json.dumps({"line": number, "idempotency_key": key, **judge(number, key)})
        for number, key in enumerate(keys(asked), 1)
    ]
    return Answer(200, text="\n".join([*lines, ""]), headers=NDJSON)


def accepted(asked: ReceivedRequest) -> Answer:
    """Accept everything, in bulk and alone."""
    if asked.method == "GET":
        return Answer(200, {})
    return results(asked) if is_bulk(asked) else Answer(202, accept(1, keys(asked)[0]))
