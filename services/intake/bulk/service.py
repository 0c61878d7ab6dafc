"""Accepts the lines of a bulk request, each as if it had been sent alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

import orjson

from services.intake.access.admission import RequestContext
from services.intake.access.authentication import Client
from services.intake.bulk.lines import Line, read_line
from services.intake.bulk.problems import line_not_certain, line_not_tried
from services.intake.store.applications import VERSION, Acceptance, Receipt
from services.intake.submission.service import SubmissionService
from shared.errors import TransientError
from shared.http.problems import Problem
from shared.http.rate_limit import RateLimit
from shared.references import reference_of

_LINES_TOGETHER: Final = 200
_PARTS_AT_MOST: Final = 10  # in flight in this process, over all bulk requests
_PARTS_WAITING: Final = 2  # of one request, behind the ones in flight
_UNREAD_SECONDS: Final = 60.0
_NDJSON: Final = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
_Parts = AsyncIterator[Sequence[Line]]


class _PendingLine(NamedTuple):
    """A line that is being stored."""

    number: int
    key: str
    acceptance: Acceptance
    outcome: "asyncio.Future[Receipt]"


class _RejectedLine(NamedTuple):
    """A rejected line with its problem, and its key if it has one."""

    number: int
    key: str | None
    problem: Problem


_SubmittedLine = _PendingLine | _RejectedLine
_Queue = asyncio.Queue[list[_SubmittedLine] | None]


@dataclass(frozen=True, slots=True)
class BulkService:
    """Accepts the lines of bulk requests in parts, so that single requests are not blocked."""

    submissions: SubmissionService
    limit: RateLimit
    body_limit_bytes: int
    slots: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, _PARTS_AT_MOST))

    def lines_together(self) -> int:
        """Return how many lines form a part: at most what a client may send in a second."""
        per_second = self.limit.per_minute // 60
        return min(_LINES_TOGETHER, per_second or 1) if self.limit.per_minute else _LINES_TOGETHER


class Bulk:
    """One bulk request: lines are stored as they arrive and get their results in order."""

    def __init__(self, service: BulkService, client: Client, traceparent: str) -> None:
        self._service = service
        self._submissions = service.submissions
        self._client = client
        self._traceparent = traceparent
        self._pending: dict[str, asyncio.Future[Receipt]] = {}
        self._parts_in_flight = 0
        self._is_down = False

    async def respond(self, parts: _Parts, send: Callable[[bytes], Awaitable[None]]) -> bool:
        """Store every line and send the results; return whether the client read them."""
        submitted = _Queue(_PARTS_WAITING)
        try:
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(self._submit_all(parts, submitted))
                was_read = await self._send_results(submitted, send)
                reading.cancel()
        finally:
            self._release_parts(self._parts_in_flight)
            for application_id in list(self._pending):
                self._release(application_id)
        return was_read

    async def _send_results(
        self, submitted: _Queue, send: Callable[[bytes], Awaitable[None]]
    ) -> bool:
        while part := await submitted.get():
            results = [await self._result(each) for each in part]
            self._release_parts(1)
            try:
                await asyncio.wait_for(send(b"".join(results)), _UNREAD_SECONDS)
            except TimeoutError:
                return False
        return True

    async def _submit_all(self, parts: _Parts, submitted: _Queue) -> None:
        try:
            async for lines in parts:
                await asyncio.sleep(self._service.limit.reserve(self._client.id, len(lines)))
                await self._service.slots.acquire()
                self._parts_in_flight += 1
                await submitted.put([await self._submit(each) for each in lines])
        except Problem as problem:  # the client disconnected
            self._submissions.metrics.rejected(problem.kind)
        await submitted.put(None)

    def _release_parts(self, parts: int) -> None:
        for _ in range(parts):
            self._parts_in_flight -= 1
            self._service.slots.release()

    async def _submit(self, line: Line) -> _SubmittedLine:
        key = None
        try:
            key, submission = read_line(line, self._service.body_limit_bytes)
            if self._is_down:
                raise line_not_tried()
            context = RequestContext(self._client, key, self._traceparent)
            acceptance = self._submissions.prepare(submission, context)
            return _PendingLine(line.number, key, acceptance, await self._enqueue(acceptance))
        except Problem as problem:
            return _RejectedLine(line.number, key, problem)

    async def _enqueue(self, acceptance: Acceptance) -> "asyncio.Future[Receipt]":
        application_id = acceptance.application_id
        if earlier := self._pending.get(application_id):
            await asyncio.wait({earlier})  # an earlier line has the same key: its receipt decides
            self._release(application_id)
        self._submissions.in_flight.acquire(application_id)
        try:
            outcome = self._pending[application_id] = self._submissions.writer.enqueue(acceptance)
        except TransientError:
            self._release(application_id)
            self._is_down = True
            raise line_not_tried() from None
        return outcome

    def _release(self, application_id: str) -> None:
        self._pending.pop(application_id, None)
        self._submissions.in_flight.release(application_id)

    async def _result(self, line: _SubmittedLine) -> bytes:
        if isinstance(line, _RejectedLine):
            return self._rejected(line)
        try:
            receipt = self._submissions.resolve(line.acceptance, await self._await_receipt(line))
        except Problem as problem:
            return self._rejected(_RejectedLine(line.number, line.key, problem))
        return _accepted(line, receipt)

    def _rejected(self, line: _RejectedLine) -> bytes:
        self._submissions.metrics.rejected(line.problem.kind)
        return _rejected(line)

    async def _await_receipt(self, line: _PendingLine) -> Receipt:
        outcome = line.outcome
        try:
            if not outcome.done():
                await self._wait_for(outcome)
            return outcome.result()
        except TransientError as error:
            self._is_down = True
            raise line_not_certain() from error
        finally:
            if self._pending.get(line.acceptance.application_id) is outcome:
                self._release(line.acceptance.application_id)

    async def _wait_for(self, outcome: "asyncio.Future[Receipt]") -> None:
        if self._is_down:  # an earlier line has already waited for the database
            outcome.cancel()
            raise TransientError
        try:
            await asyncio.wait_for(outcome, self._submissions.writer.seconds)
        except TimeoutError as error:
            raise TransientError from error


def _accepted(line: _PendingLine, receipt: Receipt) -> bytes:
    result = {
        "line": line.number,
        "idempotency_key": line.key,
        "status": 202,
        "application_id": receipt.application_id,
        "reference": reference_of(receipt.application_id),
        "version": VERSION,
        "received_at": receipt.received_at,
    }
    return orjson.dumps(result, option=_NDJSON)


def _rejected(line: _RejectedLine) -> bytes:
    problem = line.problem
    result: dict[str, Any] = {
        "line": line.number,
        "idempotency_key": line.key,
        "status": int(problem.status),
        "problem": problem.document(),
    }
    if retry_after := problem.headers.get("Retry-After"):
        result["retry_after"] = int(retry_after)
    return orjson.dumps(result, option=_NDJSON)
