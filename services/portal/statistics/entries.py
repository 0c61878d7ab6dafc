"""What statistics keep of an event: no names, no numbers of anybody. Pure: no I/O, no clock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, get_args

from services.portal.statistics.places import NO_FACTORY, place_of
from shared.clock import hong_kong_date, whole_milliseconds
from shared.events.casework import Step
from shared.events.eligibility import EligibilityDecided
from shared.events.envelope import Event
from shared.events.intake import (
    Application,
    ApplicationAmended,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    Factory,
    RecognitionApplication,
)
from shared.events.recognition import RecognitionDecided

Part = Literal["application", "decision", "withdrawn"]
TYPES: Final = (
    ApplicationSubmitted,
    ApplicationAmended,
    ApplicationWithdrawn,
    EligibilityDecided,
    RecognitionDecided,
)
_STEPS: Final = get_args(Step)
_HELD: Final = 1 + len(_STEPS)
_REFUSED: Final = 2 + len(_STEPS)


class Entry(NamedTuple):
    """A part of what is known of an application.

    Of two entries about the same part the greater `value` holds: its fields are compared in their
    order, of which the version is the first.
    """

    kind: str
    application_id: str
    part: Part
    value: Mapping[str, Any]


def entry_of(event: Event[Any]) -> Entry | None:
    """Return what is kept of an event; `None` if it is none of these."""
    match event.data:
        case ApplicationSubmitted() as data:
            return Entry(event.type, data.application_id, "application", _application(data))
        case ApplicationWithdrawn() as data:
            return Entry(event.type, data.application_id, "withdrawn", {"version": data.version})
        case EligibilityDecided() as data:
            return Entry(event.type, data.application_id, "decision", _funding_decision(data))
        case RecognitionDecided() as data:
            return Entry(event.type, data.application_id, "decision", _recognition_decision(data))
        case _:
            return None


def _application(data: ApplicationSubmitted) -> Mapping[str, Any]:
    application, factory = data.application, _factory(data.application)
    of_recognition = isinstance(application, RecognitionApplication)
    return {
        "version": data.version,
        "scheme": "recognition" if of_recognition else "funding",
        "stream": application.candidacy.category
        if isinstance(application, RecognitionApplication)
        else application.stream,
        "industry": factory.industry if factory else NO_FACTORY,
        "place": place_of(factory.place, factory.city) if factory else NO_FACTORY,
        "month": _month(data.received_at),
    }


def _factory(application: Application) -> Factory | None:
    if isinstance(application, RecognitionApplication):
        return getattr(application.candidacy, "factory", None)
    return getattr(application, "factory", None)


def _funding_decision(data: EligibilityDecided) -> Mapping[str, Any]:
    """Order as the service has it: a ruling comes after the decision, whenever either was made."""
    return {
        "version": data.version,
        "rank": int(data.ruling_id is not None),
        "at": whole_milliseconds(data.decided_at),
        "outcome": data.outcome,
        "phase": data.phase,
        "grant_cents": data.grant_cents,
    }


def _recognition_decision(data: RecognitionDecided) -> Mapping[str, Any]:
    return {
        "version": data.version,
        "rank": _rank(data),
        "at": whole_milliseconds(data.decided_at),
        "outcome": data.outcome,
        "phase": None,
        "grant_cents": None,
    }


def _rank(data: RecognitionDecided) -> int:
    """Order as the service has it: prerequisites, steps, what holds the award, a refusal."""
    if data.step is None:
        return 0
    if data.outcome == "not-qualified":
        return _REFUSED
    if data.objection_id or data.outcome == "referred":
        return _HELD
    return 1 + _STEPS.index(data.step)


def _month(moment: datetime) -> str:
    day = hong_kong_date(moment)
    return f"{day.year}-{day.month:02}"
