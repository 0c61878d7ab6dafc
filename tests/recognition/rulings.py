"""Rulings and candidacies for tests: complete by default, changed where it matters."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from services.recognition.rules.procedure import ORDER
from services.recognition.rules.steps import Award, Candidate, Case
from shared.events.casework import CaseRuled
from tests.factories import a_business_number, a_submission

IN_ROUND = datetime(2025, 5, 5, 2, tzinfo=UTC)
RULED_AT = datetime(2025, 9, 10, 2, tzinfo=UTC)
NOTICE = {"notice_from": date(2025, 9, 15), "notice_to": date(2025, 9, 19)}
EXCELLENT = "excellent-partner-manufacturing"
RULINGS_TOPIC = "casework.rulings.v1"


def a_candidacy(received_at: datetime = IN_ROUND, **candidacy: Any) -> Any:
    """Build an application of an enterprise of its own."""
    return a_candidacy_of(a_business_number(), received_at, **candidacy)


def a_candidacy_of(number: str, received_at: datetime = IN_ROUND, **candidacy: Any) -> Any:
    enterprise = {"business_registration_number": number}
    return a_submission(
        "recognition", received_at=received_at, enterprise=enterprise, candidacy=candidacy
    )


def a_ruling(application_id: str, step: str, ruling: str = "approved", **changes: Any) -> CaseRuled:
    fields = {
        "application_id": application_id,
        "version": 1,
        "ruling_id": f"R-{uuid4().hex[:8]}",
        "step": step,
        "ruling": ruling,
        "ruled_at": RULED_AT,
        **(NOTICE if step == "notice-period" else {}),
    }
    return CaseRuled(**{**fields, **changes})


def all_approved(application_id: str, **changes: Any) -> list[CaseRuled]:
    return [a_ruling(application_id, step, **changes) for step in ORDER]


def a_case(*rulings: CaseRuled, **changes: Any) -> Case:
    candidate = Candidate(
        application_id=str(uuid4()),
        version=changes.pop("version", 1),
        category="partner-manufacturing",
        enterprise_name="Bright Textiles Limited",
        business_registration_number="12345678",
    )
    return Case(
        **{
            "candidate": candidate,
            "outcome": "qualified",
            "round_year": 2025,
            "rulings": rulings,
            **changes,
        }
    )


def an_award(**changes: Any) -> Award:
    fields = {
        "version": 1,
        "certificate_number": "GDHK-2025-00000000-00",
        "valid_from": date(2025, 9, 20),
        "valid_to": date(2027, 9, 19),
    }
    return Award(**{**fields, **changes})
