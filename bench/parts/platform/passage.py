"""Applications on their way through the pipeline: submitted, decided, mailed, and recorded."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bench.harness.installation import NotRunError
from bench.parts.platform.client import Receipt, submit_in_bulk, submit_one_by_one
from bench.parts.platform.decisions import Decided, decisions_on
from bench.parts.platform.running import Running
from bench.parts.platform.subject import Records, Subject
from bench.parts.platform.submissions import Submission

MAILS_EACH: Final = 2  # an acknowledgement of receipt, and the decision
_STALL_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.1
_REST_LOOK_SECONDS: Final = 1.0
_REST_LOOKS: Final = 30
_REST_SHARE: Final = 0.10  # of a core, above what all processes need at rest


@dataclass(frozen=True, slots=True)
class Passage:
    """What became of the applications of one load; times are epoch seconds.

    `stored` is the number of documents of decisions.
    """

    started: float
    sent: int
    receipts: list[Receipt]
    decided: dict[str, Decided]
    mailed: dict[str, list[float]]
    stored: int
    cpu_seconds: dict[str, float]

    @property
    def lost(self) -> int:
        """How many accepted applications have no decision, or lack a mail."""
        complete = sum(self._is_complete(each) for each in self.receipts)
        return len(self.receipts) - min(complete, self.stored)

    @property
    def refused(self) -> int:
        """How many applications were not accepted."""
        return self.sent - len(self.receipts)

    @property
    def doubled(self) -> int:
        """How many decisions and mails there are beyond those of each application."""
        mine = (self.decided[r.application_id] for r in self.receipts if self._is_decided(r))
        decisions = sum(len(each.event_ids) - 1 for each in mine)
        documents = max(0, self.stored - len(self.receipts))
        mails = sum(max(0, len(each) - MAILS_EACH) for each in self.mailed.values())
        return decisions + documents + mails

    @property
    def last_accepted(self) -> float:
        """When the last application was accepted."""
        return max(each.accepted for each in self.receipts)

    @property
    def last_decided(self) -> float:
        """When the last decision was on its topic."""
        mine = (self.decided[r.application_id].at for r in self.receipts if self._is_decided(r))
        return max(mine, default=0.0)

    @property
    def last_mailed(self) -> float:
        """When the last mail arrived."""
        return max((max(each) for each in self.mailed.values()), default=0.0)

    def _is_decided(self, receipt: Receipt) -> bool:
        return receipt.application_id in self.decided

    def _is_complete(self, receipt: Receipt) -> bool:
        mails = self.mailed.get(receipt.recipient, ())
        return self._is_decided(receipt) and len(mails) >= MAILS_EACH


@dataclass(frozen=True, slots=True)
class Load:
    """What to submit: all together, or at a rate as single requests. Labels are unique."""

    label: str
    submissions: list[Submission]
    per_second: float | None = None


def passage(running: Running, subject: Subject, load: Load, rest: float) -> Passage:
    """Submit applications, and wait until all is mailed, recorded, and at rest again.

    `rest` is the share of a core that all processes together need at rest.
    """
    recorded_before, stored_before = count(running, subject.mails), _stored(running, subject)
    before, started = running.cpu_seconds(), time.time()
    receipts = _submit(running, subject, load)
    if not receipts:
        msg = "no application was accepted"
        raise NotRunError(msg)
    mails = MAILS_EACH * len(receipts)
    _wait_for(lambda: running.arrivals.count(load.label), mails)
    _wait_for(lambda: count(running, subject.mails) - recorded_before, mails)
    wait_for_rest(running, rest)
    used = {name: now - before[name] for name, now in running.cpu_seconds().items()}
    decided, mailed = decisions_on(running.stack, subject.topics), running.arrivals.of(load.label)
    stored = _stored(running, subject) - stored_before
    return Passage(started, len(load.submissions), receipts, decided, mailed, stored, used)


def _stored(running: Running, subject: Subject) -> int:
    return sum(count(running, each) for each in subject.decisions)


def _submit(running: Running, subject: Subject, load: Load) -> list[Receipt]:
    if subject.bulk and load.per_second is None:
        return submit_in_bulk(running.intake_port, running.key, load.submissions)
    return submit_one_by_one(running.intake_port, load.submissions, load.per_second)


def _wait_for(counted: Callable[[], int], wanted: int) -> None:
    """Wait until a count reaches a number, or stays the same for a minute."""
    seen, changed = -1, time.monotonic()
    while seen < wanted and time.monotonic() - changed < _STALL_SECONDS:
        time.sleep(_LOOK_SECONDS)
        now = counted()
        if now != seen:
            seen, changed = now, time.monotonic()


def wait_for_rest(running: Running, rest: float) -> None:
    """Wait until the processes use hardly more processor time than at rest, at most 30 s."""
    for _ in range(_REST_LOOKS):
        if sum(shares(running, _REST_LOOK_SECONDS).values()) < rest + _REST_SHARE:
            return


def shares(running: Running, seconds: float) -> dict[str, float]:
    """Return the share of a core that each process uses in the next seconds."""
    before, started = running.cpu_seconds(), time.monotonic()
    time.sleep(seconds)
    elapsed = time.monotonic() - started
    return {n: (now - before[n]) / elapsed for n, now in running.cpu_seconds().items()}


def count(running: Running, records: Records) -> int:
    """Return how many documents there are."""
    collection = running.stack.mongo[records.database][records.collection]
    if not records.filter:
        return collection.estimated_document_count()
    return collection.count_documents(records.filter)
