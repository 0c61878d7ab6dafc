"""The HTTP interface of dry runs. Needs neither Kafka nor MongoDB."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter, Request, Response

from services.eligibility.assessments.answer import Assessor
from services.eligibility.assessments.openapi import ASSESS_REQUEST, ASSESS_RESPONSES
from services.eligibility.assessments.questions import AssessmentRequest, completed
from shared.clock import hong_kong_date, utc_now
from shared.events.between_fields import application_breaches
from shared.http.body_reader import BodyReader, invalid_fields
from shared.http.json_bodies import json_body
from shared.http.problems import FieldError, Problem
from shared.http.rate_limit import RateLimit

EARLIEST: Final = date(2008, 1, 1)
LATEST: Final = date(2099, 12, 31)
_EVERYBODY: Final = "everybody"
_UNKEPT: Final = {"Cache-Control": "no-store"}  # the answers of a visitor are in it
_READER: Final = BodyReader(AssessmentRequest)


@dataclass(frozen=True, slots=True)
class AssessmentLimits:
    """How many dry runs a process answers, and how large a body may be."""

    rate: RateLimit
    body_bytes: int


router: Final = APIRouter(prefix="/v1", tags=["assessments"])


# No body parameter: every wrong field is named as `intake` does. The schema is in `openapi.py`.
@router.post(
    "/assessments",
    response_class=Response,
    responses=ASSESS_RESPONSES,
    openapi_extra=ASSESS_REQUEST,
)
async def assess(request: Request) -> Response:
    """Try an application: which outcome, grant and reasons it would get, as far as it is stated.

    The same rules as for decisions, without the history of the factory. Nothing is kept, and nobody
    learns of it.
    """
    try:
        answer = await _answer(request)
    except Problem as problem:
        refused = problem.response()
        refused.headers.update(_UNKEPT)
        return refused
    return Response(answer, headers=_UNKEPT, media_type="application/json")


async def _answer(request: Request) -> bytes:
    limits: AssessmentLimits = request.app.state.assessment_limits
    assessor: Assessor = request.app.state.assessor
    limits.rate.take(_EVERYBODY)
    body = await json_body(request.headers.raw, request.receive, limits.body_bytes)
    asked = _READER.read(body)
    as_of = asked.as_of or hong_kong_date(utc_now())
    application = completed(asked.application)
    wrong = [*_about_day(as_of)]
    wrong += [FieldError(each.pointer, each.rule) for each in application_breaches(application)]
    if wrong:
        raise invalid_fields(wrong)
    return assessor.assess(asked.application, application, as_of).model_dump_json().encode()


def _about_day(as_of: date) -> Iterator[FieldError]:
    if as_of < EARLIEST:
        yield FieldError("/as_of", "Must not be before 2008, when the Programme started.")
    if as_of > LATEST:
        yield FieldError("/as_of", f"Must not be after {LATEST}.")
