"""Whether the effects of a run are those that there should be: nothing lost, nothing doubled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.harness.effects import Decided, Document
from samples.sample import Expected


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the effects differ from what is expected.

    `lost`: applications without a document or without an event. `doubled`: documents beyond one
    for an application, and events under a second id. `wrong`: decisions that differ from the
    samples' yardstick, or on what nobody asked. `repeated`: the same event once more, which
    readers drop by its id.
    """

    lost: int
    doubled: int
    wrong: int
    repeated: int

    @property
    def is_clean(self) -> bool:
        """Whether the run counts."""
        return not (self.lost or self.doubled or self.wrong)


def judge(
    expected: Mapping[str, Expected], documents: Sequence[Document], events: Sequence[Decided]
) -> Verdict:
    """Compare the effects of a run with what is expected."""
    kept = Counter(each["application_id"] for each in documents)
    announced = Counter(
        application_id for application_id, _ in {(e.application_id, e.event_id) for e in events}
    )
    wrong_documents = {
        d["application_id"] for d in documents if not _fits(d, expected.get(d["application_id"]))
    }
    wrong_events = {e.application_id for e in events if not _is_right(e, expected)}
    return Verdict(
        lost=sum(1 for each in expected if not (kept[each] and announced[each])),
        doubled=_beyond_one(kept) + _beyond_one(announced),
        wrong=len(wrong_documents | wrong_events),
        repeated=len(events) - sum(announced.values()),
    )


def _beyond_one(times: Counter[str]) -> int:
    return sum(count - 1 for count in times.values())


def _fits(document: Document, expected: Expected | None) -> bool:
    return expected is not None and (document["outcome"], document["grant_cents"]) == (
        expected.outcome,
        expected.grant_cents,
    )


def _is_right(event: Decided, expected: Mapping[str, Expected]) -> bool:
    wanted = expected.get(event.application_id)
    return wanted is not None and (event.outcome, event.grant_cents, event.reasons) == (
        wanted.outcome,
        wanted.grant_cents,
        wanted.reasons,
    )
