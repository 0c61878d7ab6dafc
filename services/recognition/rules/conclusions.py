"""Conclusions from the status of a candidacy: decisions on its steps, its label, its expiry.

Pure except for the time that is stamped. A conclusion always has the same key and, once stored, the
same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from services.recognition.rules.catalogue import (
    HOLD_REASONS,
    OBJECTION_DISMISSED,
    OBJECTION_UNRESOLVED,
    REASONS,
    STEP_REASONS,
)
from services.recognition.rules.decision import RecognitionDecision
from services.recognition.rules.labels import AwardedLabel
from services.recognition.rules.procedure import Procedure
from services.recognition.rules.rules import LABEL_CLAIMED
from services.recognition.rules.steps import (
    Award,
    CandidacyStatus,
    Case,
    steps_passed_in_order,
    validity,
)
from shared.clock import HONG_KONG, hong_kong_date
from shared.decisions.model import Proposal
from shared.decisions.shared_values import Reasons
from shared.events.casework import CaseRuled, Step
from shared.events.envelope import EventData, EventIdentity, Outgoing, Reason
from shared.events.recognition import DECISIONS, LabelAwarded, LabelExpired, Outcome

LABEL: Final = "label"
EXPIRY: Final = "expiry"

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CaseOnFile:
    """A case with the first decision on its latest version, which later ones are based on."""

    case: Case
    first: Proposal[RecognitionDecision]


@dataclass(frozen=True, slots=True)
class Conclusions:
    """Draws the conclusions for one case at one time."""

    on_file: CaseOnFile
    status: CandidacyStatus
    procedure: Procedure
    rule_version: str
    now: datetime

    def decisions(self) -> Iterator[Proposal[RecognitionDecision]]:
        """Yield the decision of each passed step, then what holds the award, or the refusal."""
        if not self._is_decided_in_steps():
            return
        following = (*self.procedure.steps.in_order[1:], None)
        passed = steps_passed_in_order(self.status, self.procedure)
        for ruling, next_step in zip(passed, following, strict=False):
            yield self._decision("qualified", [ruling], next_step)
        if not self.status.missing:
            yield from self._settled_objections()
        yield from self._holds()
        if self.status.state == "refused":
            yield self._decision("not-qualified", self.status.refusals)

    def _settled_objections(self) -> Iterator[Proposal[RecognitionDecision]]:
        for each in self.status.dismissals:
            if each.version == self.on_file.case.candidate.version:
                reasons = Reasons((HOLD_REASONS[OBJECTION_DISMISSED], *each.reasons))
                yield self._held("qualified", reasons, each.objection_id)

    def _holds(self) -> Iterator[Proposal[RecognitionDecision]]:
        if self.status.state == "objection-unresolved":
            reasons = HOLD_REASONS.reasons((OBJECTION_UNRESOLVED,))
            for objection_id in self.status.objections:
                yield self._held("referred", reasons, objection_id)
        if self.status.state == "label-claimed":
            yield self._held("referred", REASONS.reasons((LABEL_CLAIMED,)))

    def _is_decided_in_steps(self) -> bool:
        case = self.on_file.case
        if case.outcome == "not-qualified" or self.status.state in {"withdrawn", "referred"}:
            return False
        return case.award is None or case.award.version == case.candidate.version

    def _decision(
        self, outcome: Outcome, rulings: Sequence[CaseRuled], next_step: Step | None = None
    ) -> Proposal[RecognitionDecision]:
        return self._proposal(rulings[0].step, outcome, Reasons(_reasons(rulings)), next_step)

    def _held(
        self, outcome: Outcome, reasons: Reasons, objection_id: str | None = None
    ) -> Proposal[RecognitionDecision]:
        held = self._proposal("notice-period", outcome, reasons)
        return replace(held, decision=held.decision._replace(objection_id=objection_id))

    def _proposal(
        self, step: Step, outcome: Outcome, reasons: Reasons, next_step: Step | None = None
    ) -> Proposal[RecognitionDecision]:
        first = self.on_file.first.decision
        notice = self.status.notice if step == "notice-period" else None
        decided = RecognitionDecision(
            application_id=first.application_id,
            version=first.version,
            category=first.category,
            outcome=outcome,
            round_year=first.round_year,
            reasons=reasons,
            rule_version=self.rule_version,
            received_at=first.received_at,
            decided_at=self.now,
            step=step,
            **self.procedure.following(next_step, hong_kong_date(self.now)),
            notice_ends_on=notice.ends_on.isoformat() if notice and notice.ends_on else None,
            notice_calendar=notice.calendar if notice else None,
        )
        return Proposal(decided, self.on_file.first.traceparent)

    def award(self, certificate_number: str, round_year: int) -> AwardedLabel:
        """Build the label to award now."""
        valid_from, valid_to = validity(self.status, self.procedure)
        return AwardedLabel(
            **asdict(self.on_file.case.candidate),
            certificate_number=certificate_number,
            round_year=round_year,
            valid_from=valid_from,
            valid_to=valid_to,
            rule_version=self.rule_version,
            awarded_at=self.now,
            traceparent=self.on_file.first.traceparent,
        )

    def next_review_at(self, award: Award | None) -> datetime | None:
        """Return when time alone changes the status; `None` if it never does."""
        if award:
            return None if self.status.state == "expired" else midnight_after(award.valid_to)
        if self.status.state == "notice-end-not-known":
            return self.now + _DAY  # a newer calendar may have been installed
        notice = self.status.notice
        if self.status.state == "notice-running" and notice and notice.ends_on:
            return midnight_after(notice.ends_on)
        return None


def _reasons(rulings: Sequence[CaseRuled]) -> Iterator[Reason]:
    """Yield the reason of each step once, followed by the officers' reasons."""
    seen = set()
    for ruling in rulings:
        reason = STEP_REASONS[f"{ruling.step}-{ruling.ruling}"]
        if reason.code not in seen:
            seen.add(reason.code)
            yield reason
        yield from ruling.reasons


def midnight_after(day: date) -> datetime:
    """Return the end of a Hong Kong day."""
    return datetime.combine(day + _DAY, time(), HONG_KONG).astimezone(UTC)


def announce_award(award: AwardedLabel) -> Outgoing:
    """Build the event of a stored award; the same award always gives the same bytes."""
    data = LabelAwarded.model_validate(award, from_attributes=True)
    return _outgoing(data, award, award.awarded_at)


def announce_expiry(award: AwardedLabel) -> Outgoing:
    """Build the event of a label's expiry, which follows from the label alone."""
    expired_at = midnight_after(award.valid_to)
    data = LabelExpired(
        application_id=award.application_id,
        version=award.version,
        certificate_number=award.certificate_number,
        category=award.category,
        round_year=award.round_year,
        valid_to=award.valid_to,
        expired_at=expired_at,
    )
    return _outgoing(data, award, expired_at)


def _outgoing(data: EventData, award: AwardedLabel, at: datetime) -> Outgoing:
    identity = EventIdentity(
        type=type(data).__name__,
        application_id=award.application_id,
        idempotency_key=award.application_id,
        time=at,
        traceparent=award.traceparent,
    )
    return identity.record(DECISIONS, data.model_dump_json().encode())
