"""A sample of every kind of message, for the preview."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from services.notify.notification import About, Details, Notification, Recipient
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
_FUNDING: Final = Details(
    applied_for="new-technology",
    received_at=_RECEIVED,
    decided_at=_DECIDED,
    phase="5",
    reasons=(_REASON,),
)
_RECOGNITION: Final = Details(
    applied_for="partner-manufacturing",
    received_at=_RECEIVED,
    decided_at=_DECIDED,
    round_year=2026,
    reasons=(_REASON,),
)
_DETAILS: Final[Mapping[Template, tuple[About, Details]]] = {
    "received": ("received", Details("new-technology", _RECEIVED)),
    "eligible": ("eligibility", replace(_FUNDING, grant_cents=650_000_00, reasons=())),
    "ineligible": ("eligibility", replace(_FUNDING, grant_cents=0)),
    "referred": ("eligibility", replace(_FUNDING, indicative_grant_cents=650_000_00)),
    "recognition-qualified": ("recognition", replace(_RECOGNITION, reasons=())),
    "recognition-not-qualified": ("recognition", _RECOGNITION),
    "recognition-referred": ("recognition", _RECOGNITION),
}
_NAMES: Final[Mapping[Language, str]] = {
    "en": "Chan Tai Man",
    "zh-Hant": "陳大文",
    "zh-Hans": "陈大文",
}


def sample_notification(template: Template) -> Notification:
    """Build a notification that fills every field its template has."""
    about, details = _DETAILS[template]
    return Notification(
        application_id="00000000-0000-5000-8000-000000000000",
        about=about,
        version=1,
        template=template,
        details=details,
        occurred_at=_DECIDED,
    )


def sample_recipient(language: Language) -> Recipient:
    """Build a reader of a language."""
    return Recipient(_NAMES[language], "reader@cppp.example", language)
