"""The histories of factories: completed assessments, and other open cases. Pure.

Other open cases are the only input of a decision that depends on other applications. Of two
applications the one that was received first has precedence, in whatever order they are read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from services.eligibility.rules.repeat import Completion, History
from shared.events.intake import FundingStream

Case: TypeAlias = tuple[str, FundingStream]
"""A factory, by the canonical form of its registration number, and a stream."""


@dataclass(frozen=True, slots=True, order=True)
class QueuePlace:
    """An application in the queue of its factory and stream: by receipt, then by its id."""

    received_at: datetime
    application_id: str
    case: Case


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An application that is neither refused, withdrawn nor completed.

    A grant that is decided in the batch itself (`in_batch`) takes no precedence over applications
    that were received earlier: what they get must not depend on what they are read with.
    """

    place: QueuePlace
    is_granted: bool = False
    version: int = 1
    in_batch: bool = False

    def matters_to(self, place: QueuePlace) -> bool:
        """Return whether another application has to wait for this one."""
        if self.place.application_id == place.application_id:
            return False
        return self.place < place or (self.is_granted and not self.in_batch)


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
        others = [e for e in self.open_cases.get(place.case, ()) if e.matters_to(place)]
        return History(
            tuple(self.assessments.get(place.case[0], ())),
            len({each.place.application_id for each in others}),
            len({each.place.application_id for each in others if each.is_granted}),
        )
