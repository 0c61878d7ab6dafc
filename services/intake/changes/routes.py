"""The HTTP interface for changes: amend an application, and withdraw it."""

from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Request, Response

from services.intake.access.admission import Admission
from services.intake.changes.openapi import (
    AMEND_REQUEST,
    AMEND_RESPONSES,
    WITHDRAW_REQUEST,
    WITHDRAW_RESPONSES,
)
from services.intake.changes.service import ChangeRequest, ChangeService
from services.intake.http.if_match import entity_tag, precondition
from services.intake.http.requests import no_body
from services.intake.store.versions import Version
from shared.http.ids import PathId
from shared.http.json_bodies import json_body
from shared.http.problems import Problem
from shared.references import reference_of

router: Final = APIRouter(prefix="/v1", tags=["applications"])
Id = Annotated[PathId, Path(description="As returned when the application was submitted.")]


@router.put(
    "/applications/{application_id}",
    status_code=HTTPStatus.ACCEPTED,
    response_class=Response,
    responses=AMEND_RESPONSES,
    openapi_extra=AMEND_REQUEST,
)
async def amend(application_id: Id, request: Request) -> Response:
    """Replace an application by a complete new version. It is stored durably before the response.

    The day of the first receipt and the stream stay. With `If-Match` the application is replaced
    only if that version is still the current one.
    """
    admission: Admission = request.app.state.admission
    changes: ChangeService = request.app.state.changes
    try:
        change_request = await _change_request(application_id, request, admission)
        body = await json_body(request.headers.raw, request.receive, admission.limits.body_bytes)
        version = await changes.amend(body, change_request)
    except Problem as problem:
        admission.metrics.rejected(problem.kind)
        raise
    return _respond(version, {"status": "accepted"})


@router.post(
    "/applications/{application_id}/withdrawal",
    status_code=HTTPStatus.ACCEPTED,
    response_class=Response,
    responses=WITHDRAW_RESPONSES,
    openapi_extra=WITHDRAW_REQUEST,
)
async def withdraw(application_id: Id, request: Request) -> Response:
    """Withdraw an application permanently. This closes the case."""
    admission: Admission = request.app.state.admission
    changes: ChangeService = request.app.state.changes
    try:
        change_request = await _change_request(application_id, request, admission)
        await no_body(request.receive)
        version = await changes.withdraw(change_request)
    except Problem as problem:
        admission.metrics.rejected(problem.kind)
        raise
    return _respond(version, {"withdrawn_at": version.accepted_at, "status": "withdrawn"})


async def _change_request(
    application_id: str, request: Request, admission: Admission
) -> ChangeRequest:
    return ChangeRequest(
        application_id,
        await admission.context(request.scope),
        precondition(request.headers.getlist("if-match")),
    )


def _respond(version: Version, state: dict[str, Any]) -> Response:
    document = {
        "application_id": version.application_id,
        "reference": reference_of(version.application_id),
        "version": version.number,
        "received_at": version.received_at,
        **state,
    }
    return Response(
        orjson.dumps(document, option=orjson.OPT_UTC_Z),
        HTTPStatus.ACCEPTED,
        {
            "Location": f"/v1/applications/{version.application_id}",
            "ETag": entity_tag(version.number),
        },
        media_type="application/json",
    )
