"""Lines of bulk requests, and their results."""

import json
from http import HTTPStatus
from uuid import uuid4

from tests.intake.submissions import body

URL = "/v1/applications:batch"


NDJSON = {"Content-Type": "application/x-ndjson"}


def line(key: str = "", content: bytes | None = None) -> bytes:
    """Write a line; a new key if none is given."""
    named = json.dumps(key or str(uuid4())).encode()
    return b'{"idempotency_key":%b,"submission":%b}' % (named, content or body())


def answers_to(answer) -> list[dict]:
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(each) for each in answer.text.splitlines()]


def post(client, key, *lines: bytes) -> list[dict]:
    return answers_to(client.post(URL, content=b"\n".join(lines), headers=NDJSON | key))


def kinds(answers: list[dict]) -> list[str]:
    return [
        each["problem"]["type"].rsplit(":", 1)[1] if "problem" in each else "accepted"
        for each in answers
    ]
