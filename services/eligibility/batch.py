"""What applications of one batch are to each other. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from services.eligibility.histories import Filed, Histories, OpenCase
from services.eligibility.programme import Programme
from services.eligibility.rules import decide
from shared.clock import hong_kong_date, whole_milliseconds
from shared.events.eligibility import Outcome
from shared.events.intake import (
    ApplicationSubmitted,
    ApplicationWithdrawn,
    OrganisationSupportApplication,
    RecognitionApplication,
)


def filing(submitted: Any) -> Filed | None:
    """Find whose history bears on an application; not all are about a factory and its stream."""
    if not isinstance(submitted, ApplicationSubmitted):
        return None
    application = submitted.application
    if isinstance(application, RecognitionApplication | OrganisationSupportApplication):
        return None
    case = application.factory.registration_number, application.stream
    received_at = whole_milliseconds(submitted.received_at)
    return Filed(received_at, submitted.application_id, case)


def with_batch(known: Histories, batch: Iterable[Any], programme: Programme) -> Histories:
    """Let applications of one batch for one factory and stream see each other.

    Each stands in it once, by its latest version, unless that is refused whatever else is open.
    A batch in which nothing meets, as most are, costs no more than looking.
    """
    events = list(batch)
    withdrawn = {e.application_id for e in events if isinstance(e, ApplicationWithdrawn)}
    queue = [(each, filed) for each in events if (filed := filing(each))]
    if not withdrawn and len({filed.case for _, filed in queue}) == len(queue):
        return known
    latest = {each.application_id: (each, filed) for each, filed in sorted(queue, key=_version)}
    open_here = [
        OpenCase(filed)
        for each, filed in latest.values()
        if filed.application_id not in withdrawn
        and _outcome_alone(each, filed, known, programme) != "ineligible"
    ]
    return known.beside(open_here, {*latest, *withdrawn})


def _version(queued: tuple[ApplicationSubmitted, Filed]) -> int:
    return queued[0].version


def _outcome_alone(
    submitted: ApplicationSubmitted, filed: Filed, known: Histories, programme: Programme
) -> Outcome:
    application = submitted.application
    assert not isinstance(application, RecognitionApplication)
    history = replace(known.of(filed), other_open_cases=0)
    return decide(application, hong_kong_date(filed.received_at), programme, history).outcome
