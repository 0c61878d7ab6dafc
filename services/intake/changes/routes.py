"""The HTTP interface for changes: amend an application, and withdraw it."""

from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Request, Response

from services.intake.access.admission import Admission
from services.intake.changes.openapi import (
    AMEND_ANSWERS,
    AMEND_REQUEST,
    WITHDRAW_ANSWERS,
    WITHDRAW_REQUEST,
)
from services.intake.changes.service import Asked, ChangeService
from services.intake.http.if_match import entity_tag, precondition
from services.intake.http.requests import json_body, no_body
from services.intake.store.versions import Version
from shared.http.ids import PathId
from shared.http.problems import Problem

router: Final = APIRouter(prefix="/v1", tags=["applications"])
Id = Annotated[PathId, Path(description="As the answer to the submission named it.")]


@router.put(
    "/applications/{application_id}",
    status_code=HTTPStatus.ACCEPTED,
    response_class=Response,
    responses=AMEND_ANSWERS,
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
        asked = await _asked(application_id, request, admission)
        body = await json_body(request.headers.raw, request.receive, admission.limits.body_bytes)
        version = await changes.amend(body, asked)
    except Problem as problem:
        admission.metrics.rejected(problem.kind)
        raise
    return _answer(version, {"status": "accepted"})


@router.post(
    "/applications/{application_id}/withdrawal",
    status_code=HTTPStatus.ACCEPTED,
    response_class=Response,
    responses=WITHDRAW_ANSWERS,
    openapi_extra=WITHDRAW_REQUEST,
)
async def withdraw(application_id: Id, request: Request) -> Response:
    """Withdraw an application permanently. This closes the case."""
    admission: Admission = request.app.state.admission
    changes: ChangeService = request.app.state.changes
    try:
        asked = await _asked(application_id, request, admission)
        await no_body(request.receive)
        version = await changes.withdraw(asked)
    except Problem as problem:
        admission.metrics.rejected(problem.kind)
        raise
    return _answer(version, {"withdrawn_at": version.accepted_at, "status": "withdrawn"})


async def _asked(application_id: str, request: Request, admission: Admission) -> Asked:
    return Asked(
        application_id,
        await admission.context(request.scope),
        precondition(request.headers.getlist("if-match")),
    )


def _answer(version: Version, state: dict[str, Any]) -> Response:
    document = {
        "application_id": version.application_id,
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
