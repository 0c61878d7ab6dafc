"""Notifications and contacts for tests: complete by default, changed where it matters."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from services.notify.mails.samples import sample_notification
from services.notify.model import Erasure, Notification, Recipient, Registration
from shared.events.casework import ProjectCompleted
from shared.events.eligibility import EligibilityDecided
from shared.events.envelope import Reason
from shared.events.intake import (
    ApplicationAmended,
    ApplicationWithdrawn,
    Contact,
    ContactRegistered,
)
from shared.events.recognition import LabelAwarded, LabelExpired, RecognitionDecided
from tests.factories import NOW, a_submission

REASON = Reason(
    code="no-open-phase",
    source="S1",
    en="No phase was open <on that day> & none is now.",
    zh_hant="當日並無任何一期接受申請。",
    zh_hans="当日并无任何一期接受申请。",
)
A_MINUTE = timedelta(minutes=1)


def a_notification(template: Any = "eligible", **changes: Any) -> Notification:
    """Build a notification of its own application."""
    notification = replace(
        sample_notification(template), application_id=str(uuid4()), occurred_at=NOW
    )
    details = changes.pop("details", {})
    return replace(notification, details=replace(notification.details, **details), **changes)


def a_recipient(**changes: Any) -> Recipient:
    """Build a contact person."""
    return replace(Recipient("Chan Tai Man", "chan@example.com", "en"), **changes)


def a_registration(notification: Notification, version: int = 1, **changes: Any) -> Registration:
    """Build the contact of a notification's application."""
    at = changes.pop("at", NOW)
    return Registration(notification.application_id, version, a_recipient(**changes), at)


def an_erasure(notification: Notification, at: datetime = NOW) -> Erasure:
    """Build the erasure of the contact of a notification's application."""
    return Erasure(notification.application_id, at)


def a_contact_event(application_id: str, version: int = 1, **changes: Any) -> ContactRegistered:
    """Build the data of a `ContactRegistered` event."""
    contact = {"name": "Chan Tai Man", "email": "chan@example.com", "language": "en"}
    return ContactRegistered(
        application_id=application_id, version=version, contact=Contact(**{**contact, **changes})
    )


def eligibility_decided(**changes: Any) -> EligibilityDecided:
    """Build the data of an `EligibilityDecided` event."""
    decided = {
        "application_id": "00000000-0000-0000-0000-000000000001",
        "version": 1,
        "stream": "new-technology",
        "outcome": "eligible",
        "grant_cents": 65_000_000,
        "indicative_grant_cents": None,
        "phase": "5",
        "reasons": (REASON,),
        "rule_version": "1",
        "received_at": NOW,
        "decided_at": NOW,
        "factory_registration_number": None,
        "eligible_cost_cents": 140_000_000,
        "share_percent": 50,
        "ceiling_cents": 65_000_000,
        "facts_hash": "0" * 64,
    }
    return EligibilityDecided(**{**decided, **changes})


def recognition_decided(outcome: str, **changes: Any) -> RecognitionDecided:
    """Build the data of a `RecognitionDecided` event."""
    decided = {
        "application_id": "00000000-0000-0000-0000-000000000001",
        "version": 1,
        "category": "partner-supply-chain",
        "outcome": outcome,
        "round_year": 2026,
        "reasons": (REASON,),
        "rule_version": "1",
        "received_at": NOW,
        "decided_at": NOW,
    }
    return RecognitionDecided(**{**decided, **changes})


def amended(application_id: str, version: int = 2) -> ApplicationAmended:
    """Build the data of an `ApplicationAmended` event."""
    submitted = a_submission(application_id=application_id)
    return ApplicationAmended(**{**dict(submitted), "version": version})


def withdrawn(application_id: str, version: int = 2) -> ApplicationWithdrawn:
    """Build the data of an `ApplicationWithdrawn` event."""
    return ApplicationWithdrawn(application_id=application_id, version=version, withdrawn_at=NOW)


def project_completed(application_id: str, **changes: Any) -> ProjectCompleted:
    """Build the data of a `ProjectCompleted` event."""
    completed = {
        "application_id": application_id,
        "stream": "new-technology",
        "factory_registration_number": "91441900MA4W8Q2K1X",
        "completed_on": date(2027, 9, 30),
        "report_approved": True,
    }
    return ProjectCompleted(**{**completed, **changes})


def label_awarded(application_id: str, **changes: Any) -> LabelAwarded:
    """Build the data of a `LabelAwarded` event."""
    label = {
        "application_id": application_id,
        "version": 1,
        "certificate_number": "GDHK-2026-000001-68",
        "category": "partner-supply-chain",
        "enterprise_name": "Bright Textiles Limited",
        "business_registration_number": "12345678",
        "round_year": 2026,
        "valid_from": date(2026, 12, 8),
        "valid_to": date(2028, 12, 7),
        "rule_version": "1",
        "awarded_at": NOW,
    }
    return LabelAwarded(**{**label, **changes})


def label_expired(application_id: str, **changes: Any) -> LabelExpired:
    """Build the data of a `LabelExpired` event."""
    label = {
        "application_id": application_id,
        "version": 1,
        "certificate_number": "GDHK-2026-000001-68",
        "category": "partner-supply-chain",
        "round_year": 2026,
        "valid_to": date(2028, 12, 7),
        "expired_at": NOW,
    }
    return LabelExpired(**{**label, **changes})
