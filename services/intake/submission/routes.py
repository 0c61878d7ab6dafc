"""The HTTP interface: submit an application, and get its status."""

from http import HTTPStatus
from types import SimpleNamespace
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.intake.access.admission import Admission
from services.intake.access.authentication import ANONYMOUS
from services.intake.http.if_match import entity_tag
from services.intake.http.problems import (
    api_key_needed_for_lookup,
    reference_invalid,
    unknown_application,
)
from services.intake.store.applications import VERSION, Receipt
from services.intake.store.versions import MongoVersions, Status
from services.intake.submission.openapi import (
    LOOKUP_RESPONSES,
    STATUS_RESPONSES,
    SUBMIT_REQUEST,
    SUBMIT_RESPONSES,
)
from services.intake.submission.service import SubmissionService
from shared.http.ids import PathId
from shared.http.json_bodies import json_body
from shared.http.metrics import HttpMetrics
from shared.http.problems import Problem, internal_error
from shared.metrics import Metrics
from shared.references import parse_reference, reference_of

_PATH: Final = "/v1/applications"
_HOT: Final = SimpleNamespace(path=_PATH)  # the route label of the metrics
_ETAG: Final = entity_tag(VERSION).encode()

router: Final = APIRouter(prefix="/v1", tags=["applications"])


# No body parameter and no response model: they would cost more than everything else here. The
# schema is in `openapi.py`.
@router.post(
    "/applications",
    status_code=HTTPStatus.ACCEPTED,
    response_class=Response,
    responses=SUBMIT_RESPONSES,
    openapi_extra=SUBMIT_REQUEST,
)
async def submit(request: Request) -> Response:
    """Accept an application. It is stored durably before the response.

    A repeated request under the same `Idempotency-Key` gets the same response and never creates a
    second application, for as long as the application is stored.
    """
    return await _respond(request.scope, request.receive)


async def _respond(scope: Scope, receive: Receive) -> Response:
    state = scope["app"].state
    admission: Admission = state.admission
    submissions: SubmissionService = state.submissions
    try:
        context = await admission.context(scope)
        body = await json_body(scope["headers"], receive, admission.limits.body_bytes)
        return Accepted(await submissions.submit(body, context))
    except Problem as problem:
        admission.metrics.rejected(problem.kind)
        return problem.response()


class Accepted(Response):
    """The response to a stored submission, built without the framework's overhead."""

    def __init__(self, receipt: Receipt) -> None:
        location = f"/v1/applications/{receipt.application_id}".encode()
        self.status_code = HTTPStatus.ACCEPTED
        self.body = receipt_json(receipt)
        self.background = None
        self.raw_headers = [
            (b"location", location),
            (b"etag", _ETAG),
            (b"content-length", b"%d" % len(self.body)),
            (b"content-type", b"application/json"),
        ]


def receipt_json(receipt: Receipt) -> bytes:
    """Return a receipt as JSON; the same receipt always gives the same bytes."""
    document = {
        "application_id": receipt.application_id,
        "reference": reference_of(receipt.application_id),
        "version": VERSION,
        "received_at": receipt.received_at,
        "status": "accepted",
    }
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)


class FastPath:
    """Answers `POST /v1/applications` ahead of the framework.

    The framework's routing and dependencies cost more than the work itself. Its own route stays for
    the OpenAPI document and for other methods.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._measured = HttpMetrics(_respond_always, metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a submission; pass every other request on."""
        if scope["type"] == "http" and scope["path"] == _PATH and scope["method"] == "POST":
            scope["route"] = _HOT
            await self._measured(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _respond_always(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        response = await _respond(scope, receive)
    except Exception:
        await internal_error().response()(scope, receive, send)
        raise  # the server logs it
    await response(scope, receive, send)


@router.get("/applications", responses=LOOKUP_RESPONSES)
async def look_up(
    reference: Annotated[str, Query(description="In any case, with or without hyphens.")],
    request: Request,
) -> list[Status]:
    """Return the status of your applications with this reference; needs your API key.

    There is at most one, but for a rare coincidence. The list is empty for a reference of nobody or
    of another client.
    """
    admission: Admission = request.app.state.admission
    versions: MongoVersions = request.app.state.versions
    client = await admission.client(request.scope)
    if client is ANONYMOUS:
        raise api_key_needed_for_lookup()
    parsed = parse_reference(reference)
    if parsed is None:
        raise reference_invalid()
    return await versions.with_reference(parsed, client.id)


@router.get("/applications/{application_id}", responses=STATUS_RESPONSES)
async def status(
    application_id: Annotated[PathId, Path(description="As returned when it was submitted.")],
    request: Request,
    response: Response,
) -> Status:
    """Return the status of an application: accepted, published, or withdrawn.

    The header `ETag` identifies its current version, for `If-Match` of a change.
    """
    versions: MongoVersions = request.app.state.versions
    found = await versions.status_of(application_id)
    if found is None:
        raise unknown_application()
    response.headers["ETag"] = entity_tag(found.version)
    return found
