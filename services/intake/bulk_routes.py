"""The HTTP interface for many applications at once: lines in, an answer to each out."""

import re
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from services.intake.authentication import Client
from services.intake.bulk_desk import Bulk
from services.intake.bulk_lines import parts_of
from services.intake.bulk_openapi import BULK_ANSWERS, BULK_REQUEST
from services.intake.bulk_refusals import bulk_not_allowed, not_lines
from services.intake.reception import Reception
from services.intake.requests import is_declared
from services.intake.store import Right
from services.intake.trace import trace_of
from shared.problems import Problem

router: Final = APIRouter(prefix="/v1", tags=["applications"])
_LINES: Final = re.compile(
    rb'application/(?:x-ndjson|ndjson|jsonl|x-jsonlines) *(; *charset="?utf-8"?)? *;?',
    re.IGNORECASE,
)


@router.post(
    "/applications:batch",
    response_class=Response,
    responses=BULK_ANSWERS,
    openapi_extra=BULK_REQUEST,
)
async def submit_many(request: Request) -> Response:
    """Accept many applications: one on each line, and an answer to each line, in their order.

    Lines are kept as they come, and answered as they are kept: each as if it had been sent alone
    under its own `idempotency_key`. So what is wrong with one says nothing about the others, and
    the same lines may be sent again, all or some, after whatever interruption.
    """
    reception: Reception = request.app.state.reception
    try:
        client = await reception.client(request.scope)
        _check(client, dict(request.headers.raw))
    except Problem as problem:
        reception.metrics.rejected(problem.kind)
        raise
    return BulkAnswer(reception, client, trace_of(request.headers.get("traceparent")))


def _check(client: Client, headers: dict[bytes, bytes]) -> None:
    if Right.BULK not in client.rights:
        raise bulk_not_allowed()
    if not is_declared(headers, _LINES):
        raise not_lines()


class BulkAnswer(Response):
    """Reads the lines of a request while it answers them."""

    media_type = "application/x-ndjson"

    def __init__(self, reception: Reception, client: Client, traceparent: str) -> None:
        super().__init__()
        self._bulk = Bulk(reception.bulk, client, traceparent)
        self._body_bytes = reception.limits.body_bytes
        self._together = reception.bulk.lines_together()

    @override
    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a client that takes no answers for too long is cut off."""
        headers = [(b"content-type", b"application/x-ndjson")]
        await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": headers})

        async def send_lines(lines: bytes) -> None:
            await send({"type": "http.response.body", "body": lines, "more_body": True})

        with suppress(TimeoutError):
            await self._bulk.answer(parts_of(receive, self._body_bytes, self._together), send_lines)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
