"""The histories of factories: completed assessments, and other open cases. Pure.

Other open cases are the only input of a decision that depends on other applications. Of two
applications the one that was received first has precedence, in whatever order they are read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from services.eligibility.rules.repeat import Completion, History
from shared.events.intake import FundingStream

Case: TypeAlias = tuple[str, FundingStream]
"""A factory's registration number and a stream."""


@dataclass(frozen=True, slots=True, order=True)
class QueuePlace:
    """An application in the queue of its factory and stream: by receipt, then by its id."""

    received_at: datetime
    application_id: str
    case: Case


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An application that is neither refused, withdrawn nor completed."""

    place: QueuePlace
    is_granted: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class Histories:
    """What is known about some factories."""

    assessments: Mapping[str, Sequence[Completion]] = field(default_factory=dict)
    open_cases: Mapping[Case, Sequence[OpenCase]] = field(default_factory=dict)

    def know(self, case: Case) -> bool:
        """Return whether there is any history that could matter to an application."""
        return case in self.open_cases or case[0] in self.assessments

    def of(self, place: QueuePlace) -> History:
        """Return a factory's history as it matters to one application.

        A later application does not count, unless it has already been granted.
        """
        others = {
            each.place.application_id
            for each in self.open_cases.get(place.case, ())
            if each.is_granted or each.place < place
        } - {place.application_id}
        return History(tuple(self.assessments.get(place.case[0], ())), len(others))

    def with_cases(self, batch: Iterable[OpenCase], closed: Mapping[str, float]) -> "Histories":
        """Add the cases of the batch itself, which closes some applications as of a version."""
        found: dict[Case, list[OpenCase]] = defaultdict(list)
        for case, known in self.open_cases.items():
            found[case] = [e for e in known if e.version >= closed.get(e.place.application_id, 0)]
        for each in batch:
            found[each.place.case].append(each)
        return Histories(self.assessments, found)
