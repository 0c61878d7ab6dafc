"""How applications of one batch affect each other. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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
from shared.identifiers import factory_key


def case_of(submitted: Any) -> Case | None:
    """Return the factory and stream whose history matters to an application, if there is one.

    A number without a letter or digit names no factory, so nothing is known about it.
    """
    if not isinstance(submitted, ApplicationSubmitted):
        return None
    application = submitted.application
    if application.stream == "recognition" or application.stream == "organisation-support":  # noqa: PLR1714  # narrows the type, unlike `in`
        return None
    factory = factory_key(application.factory.registration_number)
    return (factory, application.stream) if factory else None


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

    Each counts once, with its latest version, unless that is refused or withdrawn. They are decided
    in the order of their receipt, because a grant to one can refuse the next.
    """
    events = list(batch)
    withdrawn = {e.application_id for e in events if isinstance(e, ApplicationWithdrawn)}
    queue = [(each, queue_place(each, case)) for each in events if (case := case_of(each))]
    latest = {each.application_id: (each, place) for each, place in sorted(queue, key=_version)}
    open_cases = _without(known.open_cases, withdrawn)
    case_by_id = {
        e.place.application_id: e.place.case for cases in open_cases.values() for e in cases
    }
    histories = Histories(known.assessments, open_cases)
    for submitted, place in sorted(latest.values(), key=_place):
        key, version = submitted.application_id, submitted.version
        if key in withdrawn:
            continue
        outcome = _outcome(submitted, place, histories, programme)
        if outcome != "ineligible":
            granted = outcome == "eligible"
            open_cases[place.case].append(OpenCase(place, granted, version, in_batch=True))
        elif key in case_by_id:
            earlier = open_cases[case_by_id[key]]
            earlier[:] = [
                e for e in earlier if e.place.application_id != key or e.version >= version
            ]
    return histories


def _without(
    open_cases: Mapping[Case, Sequence[OpenCase]], withdrawn: Collection[str]
) -> dict[Case, list[OpenCase]]:
    found: dict[Case, list[OpenCase]] = defaultdict(list)
    for case, cases in open_cases.items():
        found[case] = [each for each in cases if each.place.application_id not in withdrawn]
    return found


def _version(queued: tuple[ApplicationSubmitted, QueuePlace]) -> int:
    return queued[0].version


def _place(queued: tuple[ApplicationSubmitted, QueuePlace]) -> QueuePlace:
    return queued[1]


def _outcome(
    submitted: ApplicationSubmitted, place: QueuePlace, known: Histories, programme: Programme
) -> Outcome:
    application = submitted.application
    assert not isinstance(application, RecognitionApplication)
    received_on = hong_kong_date(place.received_at)
    return decide(application, received_on, programme, known.of(place)).outcome
