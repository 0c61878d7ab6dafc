"""The HTTP interface for bulk requests: lines in, a result for each line out."""

import re
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from services.intake.access.admission import Admission
from services.intake.access.authentication import Client
from services.intake.bulk.lines import parts_of
from services.intake.bulk.openapi import BULK_REQUEST, BULK_RESPONSES
from services.intake.bulk.problems import bulk_not_allowed, not_lines
from services.intake.bulk.service import Bulk, BulkService
from services.intake.http.requests import traceparent_of
from services.intake.store.api_keys import Right
from shared.http.json_bodies import is_declared
from shared.http.problems import Problem

router: Final = APIRouter(prefix="/v1", tags=["applications"])
_LINES: Final = re.compile(
    rb'application/(?:x-ndjson|ndjson|jsonl|x-jsonlines) *(; *charset="?utf-8"?)? *;?',
    re.IGNORECASE,
)


@router.post(
    "/applications:batch",
    response_class=Response,
    responses=BULK_RESPONSES,
    openapi_extra=BULK_REQUEST,
)
async def submit_many(request: Request) -> Response:
    """Accept many applications: one on each line, with a result for each line, in order.

    Lines are stored as they arrive and answered as they are stored: each as if it had been sent
    alone under its own `idempotency_key`. An error in one line does not affect the others. After
    an interruption all or some of the lines may be sent again.
    """
    admission: Admission = request.app.state.admission
    service: BulkService = request.app.state.bulk
    try:
        client = await admission.client(request.scope)
        _check(client, dict(request.headers.raw))
    except Problem as problem:
        admission.metrics.rejected(problem.kind)
        raise
    bulk = Bulk(service, client, traceparent_of(request.scope))
    return BulkResponse(bulk, admission.limits.body_bytes, service.lines_together())


def _check(client: Client, headers: dict[bytes, bytes]) -> None:
    if Right.BULK not in client.rights:
        raise bulk_not_allowed()
    if not is_declared(headers, _LINES):
        raise not_lines()


class BulkResponse(Response):
    """A streaming response that reads the lines of the request while it answers them."""

    media_type = "application/x-ndjson"

    def __init__(self, bulk: Bulk, body_bytes: int, together: int) -> None:
        super().__init__()
        self._bulk = bulk
        self._body_bytes = body_bytes
        self._together = together

    @override
    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send the results; a client that does not read them for too long is disconnected."""
        headers = [(b"content-type", b"application/x-ndjson")]
        await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": headers})

        async def send_lines(lines: bytes) -> None:
            await send({"type": "http.response.body", "body": lines, "more_body": True})

        parts = parts_of(receive, self._body_bytes, self._together)
        if await self._bulk.respond(parts, send_lines):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
