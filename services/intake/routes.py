"""The HTTP interface: submit an application, and ask where it stands."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Path, Request, Response

from services.intake.authentication import Authenticator
from services.intake.desk import Desk, Envelope
from services.intake.metrics import IntakeMetrics
from services.intake.openapi import STATUS_ANSWERS, SUBMIT_ANSWERS, SUBMIT_REQUEST
from services.intake.refusals import not_accepted_now, unknown_application
from services.intake.requests import idempotency_key, json_body
from services.intake.store import VERSION, MongoApplications, Receipt, Status
from services.intake.trace import trace_of
from shared.errors import TransientError
from shared.events.envelope import ApplicationId
from shared.problems import Problem

router: Final = APIRouter(prefix="/v1", tags=["applications"])


@dataclass(frozen=True, slots=True)
class Reception:
    """What the routes work with while the service runs."""

    authenticator: Authenticator
    desk: Desk
    applications: MongoApplications
    metrics: IntakeMetrics
    max_body_bytes: int


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
    try:
        client = await reception.authenticator.client(request.headers.get("authorization"))
    except TransientError as error:
        raise not_accepted_now() from error
    envelope = Envelope(
        client, idempotency_key(request), trace_of(request.headers.get("traceparent"))
    )
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
        {"Location": f"/v1/applications/{receipt.application_id}"},
        media_type="application/json",
    )


@router.get("/applications/{application_id}", responses=STATUS_ANSWERS)
async def status(
    application_id: Annotated[ApplicationId, Path(description="As the answer to it named it.")],
    request: Request,
) -> Status:
    """Tell where an application stands: accepted, or published to those who decide it."""
    reception: Reception = request.app.state.reception
    found = await reception.applications.status_of(application_id)
    if found is None:
        raise unknown_application()
    return found
