"""What a candidate programme would change: the same applications decided by both. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.eligibility.rules.programme import Programme
from services.eligibility.rules.repeat import Completion, History
from services.eligibility.rules.rules import Evaluation, decide
from shared.clock import hong_kong_date
from shared.events.intake import (
    ApplicationSubmitted,
    FactoryProjectApplication,
    RecognitionApplication,
)
from shared.identifiers import factory_key


@dataclass(frozen=True, slots=True)
class ReplayPeriod:
    """Hong Kong days of receipt, both included."""

    first: date = date.min
    last: date = date.max


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One version of an application that the candidate programme decides differently."""

    application_id: str
    version: int
    received_on: date
    stream: str
    before: Evaluation = field(compare=False)
    after: Evaluation = field(compare=False)


@dataclass(slots=True)
class Comparison:
    """Compares a candidate with the programme in force, application by application.

    Assessments count if they were completed by the day of receipt. Other open cases are ignored:
    they depended on earlier decisions. `completions` are by factory, in canonical form.
    """

    current: Programme
    candidate: Programme
    completions: Mapping[str, tuple[Completion, ...]]
    period: ReplayPeriod = ReplayPeriod()
    compared: int = 0
    changes: list[Change] = field(default_factory=list)

    def add(self, submitted: ApplicationSubmitted) -> None:
        """Decide one application by both, if it was received in the period."""
        application = submitted.application
        received_on = hong_kong_date(submitted.received_at)
        in_period = self.period.first <= received_on <= self.period.last
        if isinstance(application, RecognitionApplication) or not in_period:
            return
        history = self._history(application, received_on)
        before = decide(application, received_on, self.current, history)
        after = decide(application, received_on, self.candidate, history)
        self.compared += 1
        if _visible_parts(before) != _visible_parts(after):
            self.changes.append(
                Change(
                    submitted.application_id,
                    submitted.version,
                    received_on,
                    application.stream,
                    before,
                    after,
                )
            )

    def _history(self, application: object, received_on: date) -> History:
        if not isinstance(application, FactoryProjectApplication):
            return History()
        factory = factory_key(application.factory.registration_number)
        completed = self.completions.get(factory, ()) if factory else ()
        return History(tuple(each for each in completed if each.completed_on <= received_on))

    def report(self) -> str:
        """Return the differences as text; the same input always gives the same bytes."""
        return "\n".join([*self._summary(), *self._lines(), ""])

    def _summary(self) -> Iterator[str]:
        yield f"candidate {self.candidate.version} against {self.current.version}"
        yield f"compared: {self.compared}; changed: {len(self.changes)}"
        outcomes = Counter((each.before.outcome, each.after.outcome) for each in self.changes)
        for (before, after), number in sorted(outcomes.items()):
            yield f"  {before} -> {after}: {number}"
        yield f"granted: {_granted(self.changes)}"

    def _lines(self) -> Iterator[str]:
        for each in sorted(self.changes):
            yield (
                f"{each.application_id}:{each.version} {each.received_on} {each.stream} "
                f"{_as_text(each.before)} -> {_as_text(each.after)}{_reasons(each)}"
            )


def _visible_parts(decision: Evaluation) -> tuple[object, ...]:
    """The parts of a decision that an applicant sees."""
    amounts = decision.grant_cents, decision.indicative_grant_cents
    return decision.outcome, *amounts, decision.phase, decision.reasons, decision.conditions


def _granted(changes: Iterable[Change]) -> str:
    difference = sum((e.after.grant_cents or 0) - (e.before.grant_cents or 0) for e in changes)
    return (
        f"{'+' if difference >= 0 else '-'}HK${abs(difference) // 100:,}.{abs(difference) % 100:02}"
    )


def _as_text(decision: Evaluation) -> str:
    grant = decision.grant_cents
    return decision.outcome if grant is None else f"{decision.outcome} {grant}"


def _reasons(change: Change) -> str:
    removed = [each for each in change.before.reasons if each not in change.after.reasons]
    added = [each for each in change.after.reasons if each not in change.before.reasons]
    return "".join([*(f" -{each}" for each in removed), *(f" +{each}" for each in added)])
