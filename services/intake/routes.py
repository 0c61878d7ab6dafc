"""The HTTP interface: submit an application, and ask where it stands."""

from http import HTTPStatus
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Path, Request, Response

from services.intake.openapi import STATUS_ANSWERS, SUBMIT_ANSWERS, SUBMIT_REQUEST
from services.intake.preconditions import entity_tag
from services.intake.reception import Reception
from services.intake.refusals import unknown_application
from services.intake.requests import json_body
from services.intake.store import VERSION, Receipt
from services.intake.versions import Status
from shared.events.envelope import ApplicationId
from shared.problems import Problem

router: Final = APIRouter(prefix="/v1", tags=["applications"])


# The hot route: no body parameter and no response model, which cost more than everything else
# that is done here. Its schema is in `openapi.py`.
@router.post(
    "/applications",
    status_code=HTTPStatus.ACCEPTED,
    response_class=Response,
    responses=SUBMIT_ANSWERS,
    openapi_extra=SUBMIT_REQUEST,
)
async def submit(request: Request) -> Response:
    """Accept an application. The answer comes once it is kept durably.

    Repeating a request under the same `Idempotency-Key` gives the same answer and never a second
    application, for as long as the application is kept.
    """
    reception: Reception = request.app.state.reception
    try:
        return _accepted(await _take(request, reception))
    except Problem as problem:
        reception.metrics.rejected(problem.kind)
        raise


async def _take(request: Request, reception: Reception) -> Receipt:
    envelope = await reception.envelope(request)
    return await reception.desk.take(await json_body(request, reception.max_body_bytes), envelope)


def _accepted(receipt: Receipt) -> Response:
    document = {
        "application_id": receipt.application_id,
        "version": VERSION,
        "received_at": receipt.received_at,
        "status": "accepted",
    }
    return Response(
        orjson.dumps(document, option=orjson.OPT_UTC_Z),
        HTTPStatus.ACCEPTED,
        {"Location": f"/v1/applications/{receipt.application_id}", "ETag": entity_tag(VERSION)},
        media_type="application/json",
    )


@router.get("/applications/{application_id}", responses=STATUS_ANSWERS)
async def status(
    application_id: Annotated[ApplicationId, Path(description="As the answer to it named it.")],
    request: Request,
    response: Response,
) -> Status:
    """Tell where an application stands: accepted, published to those who decide it, or withdrawn.

    The header `ETag` names its current version, for `If-Match` of a change.
    """
    reception: Reception = request.app.state.reception
    found = await reception.versions.status_of(application_id)
    if found is None:
        raise unknown_application()
    response.headers["ETag"] = entity_tag(found.version)
    return found
