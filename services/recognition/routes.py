"""The HTTP interface: status of a candidacy, certificates by number, statistics."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request

from services.recognition.rules.certificate_number import Numbering
from services.recognition.rules.labels import Validity
from services.recognition.rules.scheme import Scheme
from services.recognition.rules.statistics import YearRow, table
from services.recognition.rules.steps import Notice, State, candidacy_status
from services.recognition.store.store import RecognitionStore
from shared.calendars import Calendar
from shared.clock import hong_kong_date, utc_now
from shared.events.casework import CaseRuled, Step
from shared.events.intake import Category
from shared.events.recognition import Outcome
from shared.http.ids import PathId
from shared.http.openapi import problem_response
from shared.http.problems import Problem

router = APIRouter(prefix="/v1", tags=["recognition"])

CertificateNumber = Annotated[str, Path(min_length=1, max_length=64)]


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step of a candidacy; a missing step has no ruling yet."""

    step: Step
    status: Literal["approved", "refused", "missing"]
    ruled_at: datetime | None = None
    ruling_id: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeShown:
    """The notice for objections; `ends_on` is its last day, counted by `calendar`."""

    begins_on: date | None
    ends_on: date | None
    working_days: int
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class CandidacyShown:
    """The status of a candidacy: its steps, its state, and objections that nobody has ruled on."""

    application_id: str
    version: int
    category: Category
    round_year: int | None
    prerequisites: Outcome
    state: State
    steps: Sequence[StepShown]
    missing: Sequence[Step]
    notice: NoticeShown | None
    certificate_number: str | None
    objections: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CertificateShown:
    """A certificate; its days are null if the imported history does not have them."""

    certificate_number: str
    status: Validity
    category: Category
    enterprise_name: str
    round_year: int
    valid_from: date | None
    valid_to: date | None


@router.get(
    "/candidacies/{application_id}",
    responses={HTTPStatus.NOT_FOUND: problem_response("No candidacy is known under this id yet.")},
)
async def candidacy(application_id: PathId, request: Request) -> CandidacyShown:
    """Return the status of a candidacy by its latest version."""
    store: RecognitionStore = request.app.state.store
    scheme: Scheme = request.app.state.scheme
    found = await store.cases.of([application_id])
    if not found:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "no-candidacy",
            "No candidacy is known under this id: it may still be on its way. Ask again soon.",
        )
    case = found[0].case
    case = replace(case, label_claimed=await store.claims.is_taken(case))
    procedure = scheme.procedure(case.round_year or utc_now().year)
    status = candidacy_status(case, procedure, hong_kong_date(utc_now()))
    return CandidacyShown(
        application_id=application_id,
        version=case.candidate.version,
        category=case.candidate.category,
        round_year=case.round_year,
        prerequisites=case.outcome,
        state=status.state,
        steps=_steps(procedure.steps.in_order, status.passed, status.refusals),
        missing=status.missing,
        notice=_notice(status.notice, procedure.notice.working_days),
        certificate_number=case.award.certificate_number if case.award else None,
        objections=status.objections,
    )


def _steps(
    order: Sequence[Step], passed: Sequence[CaseRuled], refusals: Sequence[CaseRuled]
) -> list[StepShown]:
    rulings = {each.step: each for each in (*passed, *reversed(refusals))}
    return [
        StepShown(step, ruling.ruling, ruling.ruled_at, ruling.ruling_id)
        if (ruling := rulings.get(step))
        else StepShown(step, "missing")
        for step in order
    ]


def _notice(notice: Notice | None, working_days: int) -> NoticeShown | None:
    if notice is None:
        return None
    return NoticeShown(notice.begins_on, notice.ends_on, working_days, notice.calendar)


@router.get(
    "/certificates/{number:path}",
    responses={HTTPStatus.NOT_FOUND: problem_response("No certificate has this number.")},
)
async def certificate(number: CertificateNumber, request: Request) -> CertificateShown:
    """Verify a certificate by its number, typed in any case, with or without separators."""
    store: RecognitionStore = request.app.state.store
    found = await store.labels.certificate(number)
    if found is None:
        raise _unknown(number, request.app.state.scheme)
    return CertificateShown(
        found.certificate_number,
        found.validity(hong_kong_date(utc_now())),
        found.category,
        found.enterprise_name,
        found.round_year,
        found.valid_from,
        found.valid_to,
    )


def _unknown(number: str, scheme: Scheme) -> Problem:
    patterns = {each.certificates.pattern for each in scheme.procedures}
    if any(Numbering(each).is_mistyped(number) for each in patterns):
        kind, detail = "mistyped-certificate", "A digit is wrong: compare it with the certificate."
    else:
        kind, detail = "unknown-certificate", "No certificate with this number is on record here."
    return Problem(HTTPStatus.NOT_FOUND, kind, detail, more={"certificate_status": "unknown"})


@router.get("/statistics")
async def statistics(request: Request) -> Sequence[YearRow]:
    """Return the labels of every round by category: the stored ones, and the published totals."""
    store: RecognitionStore = request.app.state.store
    return table(await store.labels.count_by_year())
