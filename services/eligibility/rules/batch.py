"""How applications of one batch affect each other. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from math import inf
from typing import Any

from services.eligibility.rules.histories import Case, Histories, OpenCase, QueuePlace
from services.eligibility.rules.programme import Programme
from services.eligibility.rules.repeat import NO_HISTORY, History
from services.eligibility.rules.rules import decide
from shared.clock import hong_kong_date, whole_milliseconds
from shared.events.eligibility import Outcome
from shared.events.intake import (
    ApplicationSubmitted,
    ApplicationWithdrawn,
    RecognitionApplication,
)


def case_of(submitted: Any) -> Case | None:
    """Return the factory and stream whose history matters to an application, if there is one."""
    if not isinstance(submitted, ApplicationSubmitted):
        return None
    application = submitted.application
    if application.stream == "recognition" or application.stream == "organisation-support":  # noqa: PLR1714  # narrows the type, unlike `in`
        return None
    return application.factory.registration_number, application.stream


def queue_place(submitted: ApplicationSubmitted, case: Case) -> QueuePlace:
    """Return an application's place in the queue of its factory and stream."""
    received_at = whole_milliseconds(submitted.received_at)
    return QueuePlace(received_at, submitted.application_id, case)


def history_of(submitted: ApplicationSubmitted, known: Histories) -> History:
    """Return the history that matters to an application."""
    case = case_of(submitted)
    if case is None or not known.know(case):
        return NO_HISTORY
    return known.of(queue_place(submitted, case))


def with_batch(known: Histories, batch: Iterable[Any], programme: Programme) -> Histories:
    """Add the applications of a batch to the histories, so that they see each other.

    Each counts once, with its latest version, unless that is refused regardless of other cases.
    """
    events = list(batch)
    withdrawn = {e.application_id for e in events if isinstance(e, ApplicationWithdrawn)}
    queue = [(each, queue_place(each, case)) for each in events if (case := case_of(each))]
    latest = {each.application_id: (each, place) for each, place in sorted(queue, key=_version)}
    closed: dict[str, float] = dict.fromkeys(withdrawn, inf)
    closed |= {
        each.application_id: each.version
        for each, place in latest.values()
        if each.application_id not in withdrawn
        and _outcome_alone(each, place, known, programme) == "ineligible"
    }
    open_here = (OpenCase(place) for key, (_, place) in latest.items() if key not in closed)
    return known.with_cases(open_here, closed)


def _version(queued: tuple[ApplicationSubmitted, QueuePlace]) -> int:
    return queued[0].version


def _outcome_alone(
    submitted: ApplicationSubmitted, place: QueuePlace, known: Histories, programme: Programme
) -> Outcome:
    application = submitted.application
    assert not isinstance(application, RecognitionApplication)
    history = replace(known.of(place), other_open_cases=0)
    return decide(application, hong_kong_date(place.received_at), programme, history).outcome
