"""Compares the effects of a run with the expected ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.harness.effects import DecisionEvent, Document
from samples.sample import Expected


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the effects differ from the expected ones.

    `lost`: applications without a document or without an event. `doubled`: additional documents
    for an application, and additional events with another id. `wrong`: decisions other than the
    samples expect, or about unknown applications. `repeated`: additional events with the same id,
    which consumers drop.
    """

    lost: int
    doubled: int
    wrong: int
    repeated: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing is lost, doubled or wrong."""
        return not (self.lost or self.doubled or self.wrong)


def compare_effects(
    expected: Mapping[str, Expected], documents: Sequence[Document], events: Sequence[DecisionEvent]
) -> Verdict:
    """Compare documents and events with the expected decisions."""
    stored = Counter(each["application_id"] for each in documents)
    published = Counter(
        application_id for application_id, _ in {(e.application_id, e.event_id) for e in events}
    )
    wrong_documents = {
        d["application_id"]
        for d in documents
        if not _document_matches(d, expected.get(d["application_id"]))
    }
    wrong_events = {e.application_id for e in events if not _event_matches(e, expected)}
    return Verdict(
        lost=sum(1 for each in expected if not (stored[each] and published[each])),
        doubled=_duplicates(stored) + _duplicates(published),
        wrong=len(wrong_documents | wrong_events),
        repeated=len(events) - sum(published.values()),
    )


def _duplicates(counts: Counter[str]) -> int:
    return sum(count - 1 for count in counts.values())


def _document_matches(document: Document, expected: Expected | None) -> bool:
    return expected is not None and (document["outcome"], document["grant_cents"]) == (
        expected.outcome,
        expected.grant_cents,
    )


def _event_matches(event: DecisionEvent, expected: Mapping[str, Expected]) -> bool:
    decision = expected.get(event.application_id)
    return decision is not None and (event.outcome, event.grant_cents, event.reasons) == (
        decision.outcome,
        decision.grant_cents,
        decision.reasons,
    )
