"""Reviews candidacies that are due: after a ruling, or because a day has passed.

Safe with several instances and after a crash at any point: conclusions are inserted under derived
keys, published from the stored documents, and only then marked in the schedule.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from services.recognition.metrics import RecognitionMetrics
from services.recognition.rules.claims import claim_of_case
from services.recognition.rules.conclusions import (
    EXPIRY,
    LABEL,
    CaseOnFile,
    Conclusions,
    announce_award,
    announce_expiry,
    midnight_after,
)
from services.recognition.rules.decision import RecognitionDecision
from services.recognition.rules.labels import AwardedLabel
from services.recognition.rules.scheme import Scheme
from services.recognition.rules.steps import Case, candidacy_status, is_closed
from services.recognition.store.claims import Claim
from services.recognition.store.schedule import Reviewed, ScheduledReview
from services.recognition.store.store import RecognitionStore
from shared.clock import hong_kong_date
from shared.decisions.events import decision_event
from shared.decisions.model import Proposal
from shared.events.envelope import Outgoing
from shared.events.recognition import DECISIONS, RecognitionDecided
from shared.kafka.publisher import Publisher
from shared.retry import retry_until_done
from shared.waiting import sleep_unless_set

BATCH: Final = 200
_SOON: Final = timedelta(seconds=1)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """The conclusions of one review; the new ones are announced."""

    review: ScheduledReview
    decided: Sequence[Proposal[RecognitionDecision]]
    label: AwardedLabel | None
    has_expired: bool
    next_review_at: datetime | None

    def events(self) -> Iterator[tuple[str, Outgoing]]:
        """Yield the events that may not be published yet, each with its key in the schedule."""
        for each in self.decided:
            yield each.idempotency_key, decision_event(each, RecognitionDecided, DECISIONS)
        if self.label and LABEL not in self.review.announced:
            yield LABEL, announce_award(self.label)
        if self.label and self.has_expired and EXPIRY not in self.review.announced:
            yield EXPIRY, announce_expiry(self.label)

    @property
    def reviewed(self) -> Reviewed:
        """The completed review, to store once the events are published."""
        return Reviewed(self.review, [key for key, _ in self.events()], self.next_review_at)


@dataclass(slots=True)
class Sweep:
    """Runs due reviews regularly.

    A label is awarded only when `has_read_until` says that all facts from before the end of its
    notice are stored: an objection may have arrived while no instance was running.
    """

    store: RecognitionStore
    scheme: Scheme
    now: Callable[[], datetime]
    metrics: RecognitionMetrics
    pause_seconds: float
    has_read_until: Callable[[datetime], Awaitable[bool]] | None = None
    _asks_again_at: datetime = _NEVER

    async def run(self, publisher: Publisher, closing: asyncio.Event) -> None:
        """Run reviews until `closing` is set; wait while a dependency is down."""
        once = partial(self.once, publisher)
        await retry_until_done(self.store.prepare, closing, self.metrics.count_retry)
        while not closing.is_set():
            reviewed = await retry_until_done(once, closing, self.metrics.count_retry)
            if reviewed < BATCH:
                await sleep_unless_set(self.pause_seconds, closing)

    async def once(self, publisher: Publisher) -> int:
        """Run one batch of due reviews; return their number. Idempotent."""
        now = self.now()
        reviews = await self.store.schedule.due(now, BATCH)
        if not reviews:
            return 0
        on_file = await self._on_file([each.application_id for each in reviews])
        by_id = {each.case.candidate.application_id: each for each in on_file}
        outcomes = [
            await self._conclude(review, by_id[review.application_id], now)
            for review in reviews
            if review.application_id in by_id
        ]
        events = [event for each in outcomes for _, event in each.events()]
        if events:
            await publisher.publish(events)
        # A ruling may arrive before its application, which then schedules the review itself.
        early = [Reviewed(each, (), None) for each in reviews if each.application_id not in by_id]
        await self.store.schedule.complete([*(each.reviewed for each in outcomes), *early])
        for each in outcomes:
            self.metrics.count_conclusions(each.decided, [key for key, _ in each.events()])
        return len(reviews)

    async def _on_file(self, application_ids: Sequence[str]) -> Sequence[CaseOnFile]:
        """Return cases, each with its claim: held by itself, or by another.

        An award that was stored in its claim before a crash is stored among the awards first.
        """
        store = self.store
        await store.labels.keep_awards(await store.claims.awarded(application_ids))
        on_file = await store.cases.of(application_ids)
        claims = [claim for each in on_file if (claim := _open_claim(each.case))]
        taken = {each.holder for each in await store.claims.take(claims)}
        return [
            replace(each, case=replace(each.case, label_claimed=True))
            if each.case.candidate.application_id in taken
            else each
            for each in on_file
        ]

    async def _conclude(
        self, review: ScheduledReview, on_file: CaseOnFile, now: datetime
    ) -> CaseOutcome:
        case = on_file.case
        procedure = self.scheme.procedure(case.round_year or now.year)
        status = candidacy_status(case, procedure, hong_kong_date(now))
        conclusions = Conclusions(on_file, status, procedure, self.scheme.version, now)
        label = await self._label(conclusions)
        is_delayed = status.state == "to-be-awarded" and label is None
        next_review_at = conclusions.next_review_at(label.award if label else None)
        return CaseOutcome(
            review,
            await self._decided(conclusions, review),
            label,
            status.state == "expired",
            now + _SOON if is_delayed else next_review_at,
        )

    async def _decided(
        self, conclusions: Conclusions, review: ScheduledReview
    ) -> Sequence[Proposal[RecognitionDecision]]:
        new = [
            each for each in conclusions.decisions() if each.idempotency_key not in review.announced
        ]
        return await self.store.cases.decisions.keep(new) if new else ()

    async def _label(self, conclusions: Conclusions) -> AwardedLabel | None:
        """Return the awarded label, or award it now if it is due."""
        case, labels = conclusions.on_file.case, self.store.labels
        if case.award:
            [stored] = await labels.awards([case.candidate.application_id])
            return stored
        if conclusions.status.state != "to-be-awarded" or case.round_year is None:
            return None
        if not await self._has_every_fact(conclusions):
            return None
        number = await labels.reserve_number(
            conclusions.procedure.certificates.numbering,
            case.round_year,
            case.candidate.application_id,
        )
        awarded = await self.store.claims.award(conclusions.award(number, case.round_year))
        if awarded:
            await labels.keep_awards([awarded])
        return awarded

    async def _has_every_fact(self, conclusions: Conclusions) -> bool:
        """Return whether everything from before the end of the notice is stored."""
        notice = conclusions.status.notice
        if self.has_read_until is None or notice is None or notice.ends_on is None:
            return True
        if conclusions.now < self._asks_again_at:  # asked for another case of this batch
            return False
        if await self.has_read_until(midnight_after(notice.ends_on)):
            return True
        self._asks_again_at = conclusions.now + _SOON
        return False


def _open_claim(case: Case) -> Claim | None:
    claim = claim_of_case(case)
    if claim is None or case.award or is_closed(case):
        return None
    return Claim(claim, case.candidate.application_id)
