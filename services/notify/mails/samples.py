"""Samples of every kind of message, for the preview."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from services.notify.model import About, Details, Notification, Recipient
from shared.events.envelope import Language, Reason
from shared.events.notify import Template

_RECEIVED: Final = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
_DECIDED: Final = datetime(2026, 11, 2, 1, 31, tzinfo=UTC)
_REASON: Final = Reason(
    code="sample",
    source="-",
    en="A sample of a reason.",
    zh_hant="理由樣本。",
    zh_hans="理由样本。",
)
_CONDITION: Final = Reason(
    code="sample-condition",
    source="-",
    en="A sample of a condition.",
    zh_hant="條件樣本。",
    zh_hans="条件样本。",
)
_FUNDING: Final = Details(
    applied_for="new-technology",
    received_at=_RECEIVED,
    decided_at=_DECIDED,
    phase="5",
    eligible_cost_cents=1_400_000_00,
    share_percent=50,
    ceiling_cents=650_000_00,
    requested_cents=680_000_00,
    reasons=(_REASON,),
    due_working_days=20,
    due_calendar="hong-kong",
    due_by=date(2026, 11, 30),
)
_RECOGNITION: Final = Details(
    applied_for="partner-manufacturing",
    received_at=_RECEIVED,
    decided_at=_DECIDED,
    round_year=2026,
    reasons=(_REASON,),
)
_GOES_ON: Final = replace(
    _RECOGNITION,
    next_step="document-check",
    due_working_days=20,
    due_calendar="hong-kong",
    due_by=date(2026, 11, 30),
)
_LABEL: Final = Details(
    applied_for="partner-manufacturing",
    round_year=2026,
    certificate_number="GDHK-2026-000001-68",
    valid_to=date(2028, 12, 7),
)
_DETAILS: Final[Mapping[Template, tuple[About, Details]]] = {
    "received": ("received", Details("new-technology", _RECEIVED)),
    "amended": ("amended", Details("new-technology", _RECEIVED)),
    "withdrawn": ("withdrawn", Details(withdrawn_at=_DECIDED)),
    "eligible": (
        "eligibility",
        replace(
            _FUNDING,
            grant_cents=650_000_00,
            is_ruling=True,
            reasons=(),
            conditions=(_CONDITION,),
            months_at_most=12,
            clock_starts="approval",
            finish_by=date(2027, 11, 2),
            visits_at_least=2,
            payment_percent={"agreement": 30, "interim-report": 40, "final-report": 30},
        ),
    ),
    "ineligible": (
        "eligibility",
        replace(_FUNDING, grant_cents=0, is_ruling=True, is_review_offered=True),
    ),
    "referred": (
        "eligibility",
        replace(
            _FUNDING,
            indicative_grant_cents=650_000_00,
            conditions=(_CONDITION,),
            decided_by="committee",
        ),
    ),
    "grant-to-be-set": (
        "eligibility",
        replace(_FUNDING, ceiling_cents=None, is_cost_adjusted=True, conditions=(_CONDITION,)),
    ),
    "project-completed": (
        "completed",
        Details("new-technology", completed_on=date(2027, 9, 30)),
    ),
    "recognition-qualified": ("recognition", replace(_GOES_ON, reasons=())),
    "recognition-not-qualified": (
        "recognition",
        replace(_RECOGNITION, step="joint-committee"),
    ),
    "recognition-referred": ("recognition", _GOES_ON),
    "recognition-step": (
        "recognition",
        replace(
            _RECOGNITION,
            step="notice-period",
            notice_ends_on=date(2026, 12, 7),
            notice_calendar="mainland",
        ),
    ),
    "label-awarded": ("label-awarded", replace(_LABEL, valid_from=date(2026, 12, 8))),
    "label-expired": ("label-expired", _LABEL),
}
_NAMES: Final[Mapping[Language, str]] = {
    "en": "Chan Tai Man",
    "zh-Hant": "陳大文",
    "zh-Hans": "陈大文",
}


def sample_notification(template: Template) -> Notification:
    """Build a notification with every field that its template uses."""
    about, details = _DETAILS[template]
    return Notification(
        application_id="00000000-0000-5000-8000-000000000000",
        about=about,
        version=2 if about == "amended" else 1,
        template=template,
        details=details,
        occurred_at=_DECIDED,
    )


def sample_recipient(language: Language) -> Recipient:
    """Build a recipient who reads a language."""
    return Recipient(_NAMES[language], "reader@cppp.example", language)
