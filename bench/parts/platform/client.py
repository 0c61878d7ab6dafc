"""Submits applications to intake: in bulk, or one by one, paced or as fast as they are answered."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import chain
from typing import Final

import orjson
import uvloop

from bench.harness.installation import NotRunError
from bench.parts.platform.submissions import Submission, bulk_bodies
from bench.parts.requests import post_request
from devstack.stack.ports import LOCALHOST

CONNECTIONS: Final = 64
_TIMEOUT_SECONDS: Final = 120.0
_OK: Final = 200
_ACCEPTED: Final = 202
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Receipt:
    """An accepted application: when its submission was due and when it was accepted, epoch time."""

    application_id: str
    recipient: str
    due: float
    accepted: float


def submit_in_bulk(port: int, key: str, found: Sequence[Submission]) -> list[Receipt]:
    """Send one bulk request after another on one connection; return what was accepted."""
    connection = HTTPConnection(LOCALHOST, port, timeout=_TIMEOUT_SECONDS)
    headers = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {key}"}
    bodies, recipients = list(bulk_bodies(list(found))), {s.key: s.recipient for s in found}
    due, receipts = time.time(), []
    for body in bodies:
        connection.request("POST", "/v1/applications:batch", body, headers)
        response = connection.getresponse()
        answers = map(orjson.loads, response.read().splitlines())
        if response.status != _OK:
            msg = f"the bulk request got status {response.status}"
            raise NotRunError(msg)
        now = time.time()
        receipts += [
            Receipt(each["application_id"], recipients[each["idempotency_key"]], due, now)
            for each in answers
            if each["status"] == _ACCEPTED
        ]
    connection.close()
    return receipts


def submit_one_by_one(
    port: int, found: Sequence[Submission], per_second: float | None = None
) -> list[Receipt]:
    """Send single requests over keep-alive connections; return what was accepted.

    With `per_second` each request is sent when it is due, if a connection is free.
    """
    return uvloop.run(_submit_one_by_one(port, found, per_second))


async def _submit_one_by_one(
    port: int, found: Sequence[Submission], per_second: float | None
) -> list[Receipt]:
    free: asyncio.Queue[_Streams] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection(LOCALHOST, port))
    started = time.time()
    due_times = [started + (n / per_second if per_second else 0) for n in range(len(found))]
    tasks = [_submit(free, *each) for each in zip(found, due_times, strict=True)]
    answers = await asyncio.wait_for(asyncio.gather(*tasks), None)
    while not free.empty():
        free.get_nowait()[1].close()
    return list(chain.from_iterable(answers))


async def _submit(free: "asyncio.Queue[_Streams]", each: Submission, due: float) -> list[Receipt]:
    await asyncio.sleep(due - time.time())
    reader, writer = await free.get()
    writer.write(post_request("/v1/applications", each.body, {"Idempotency-Key": each.key}))
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _TIMEOUT_SECONDS)
    length = _LENGTH.search(head)
    answer = await reader.readexactly(int(length[1]) if length else 0)
    accepted = time.time()
    free.put_nowait((reader, writer))
    if int(head.split(b" ", 2)[1]) != _ACCEPTED:
        return []
    return [Receipt(orjson.loads(answer)["application_id"], each.recipient, due, accepted)]
