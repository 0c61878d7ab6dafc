"""Accepts the lines of a bulk request, each as if it had been sent alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

import orjson

from services.intake.access.admission import RequestContext
from services.intake.access.authentication import Client
from services.intake.access.rate_limit import RateLimit
from services.intake.bulk.lines import Line, read_line
from services.intake.bulk.problems import line_not_certain, line_not_tried
from services.intake.store.applications import VERSION, Acceptance, Receipt
from services.intake.submission.service import SubmissionService
from shared.errors import TransientError
from shared.http.problems import Problem

_LINES_TOGETHER: Final = 200
_PARTS_AT_MOST: Final = 10  # in flight in this process, over all bulk requests
_PARTS_WAITING: Final = 2  # of one request, behind the ones in flight
_UNREAD_SECONDS: Final = 60.0
_ON_A_LINE: Final = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
_Parts = AsyncIterator[Sequence[Line]]


class _Begun(NamedTuple):
    """A line that is being stored."""

    number: int
    key: str
    acceptance: Acceptance
    outcome: "asyncio.Future[Receipt]"


class _Refused(NamedTuple):
    """A refused line with its problem, and its key if it has one."""

    number: int
    key: str | None
    problem: Problem


_Taken = _Begun | _Refused


@dataclass(frozen=True, slots=True)
class BulkService:
    """Accepts the lines of bulk requests in parts, so that single requests are not blocked."""

    submissions: SubmissionService
    limit: RateLimit
    body_limit_bytes: int
    room: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, _PARTS_AT_MOST))

    def lines_together(self) -> int:
        """Return how many lines form a part: at most what a client may send in a second."""
        per_second = self.limit.per_minute // 60
        return min(_LINES_TOGETHER, per_second or 1) if self.limit.per_minute else _LINES_TOGETHER


class Bulk:
    """One bulk request: lines are stored as they arrive and answered in order."""

    def __init__(self, service: BulkService, client: Client, traceparent: str) -> None:
        self._service = service
        self._submissions = service.submissions
        self._client = client
        self._traceparent = traceparent
        self._own: dict[str, asyncio.Future[Receipt]] = {}
        self._held_parts = 0
        self._is_down = False

    async def answer(self, parts: _Parts, send: Callable[[bytes], Awaitable[None]]) -> bool:
        """Store every line and send the results; return whether the client read them."""
        begun: asyncio.Queue[list[_Taken] | None] = asyncio.Queue(_PARTS_WAITING)
        try:
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(self._begin_all(parts, begun))
                were_taken = await self._answer_all(begun, send)
                reading.cancel()
        finally:
            self._leave_room(self._held_parts)
            for application_id in list(self._own):
                self._done(application_id)
        return were_taken

    async def _answer_all(
        self,
        begun: "asyncio.Queue[list[_Taken] | None]",
        send: Callable[[bytes], Awaitable[None]],
    ) -> bool:
        while part := await begun.get():
            answers = [await self._settled(each) for each in part]
            self._leave_room(1)
            try:
                await asyncio.wait_for(send(b"".join(answers)), _UNREAD_SECONDS)
            except TimeoutError:
                return False
        return True

    async def _begin_all(self, parts: _Parts, begun: "asyncio.Queue[list[_Taken] | None]") -> None:
        try:
            async for lines in parts:
                await asyncio.sleep(self._service.limit.owe(self._client.id, len(lines)))
                await self._service.room.acquire()
                self._held_parts += 1
                await begun.put([await self._begin(each) for each in lines])
        except Problem as problem:  # the client disconnected
            self._submissions.metrics.rejected(problem.kind)
        await begun.put(None)

    def _leave_room(self, parts: int) -> None:
        for _ in range(parts):
            self._held_parts -= 1
            self._service.room.release()

    async def _begin(self, line: Line) -> _Taken:
        key = None
        try:
            key, submission = read_line(line, self._service.body_limit_bytes)
            if self._is_down:
                raise line_not_tried()
            context = RequestContext(self._client, key, self._traceparent)
            acceptance = self._submissions.prepare(submission, context)
            return _Begun(line.number, key, acceptance, await self._written(acceptance))
        except Problem as problem:
            return _Refused(line.number, key, problem)

    async def _written(self, acceptance: Acceptance) -> "asyncio.Future[Receipt]":
        application_id = acceptance.application_id
        if earlier := self._own.get(application_id):
            await asyncio.wait({earlier})  # an earlier line has the same key: its receipt decides
            self._done(application_id)
        self._submissions.in_flight.acquire(application_id)
        try:
            outcome = self._own[application_id] = self._submissions.writer.begin(acceptance)
        except TransientError:
            self._done(application_id)
            self._is_down = True
            raise line_not_tried() from None
        return outcome

    def _done(self, application_id: str) -> None:
        self._own.pop(application_id, None)
        self._submissions.in_flight.release(application_id)

    async def _settled(self, taken: _Taken) -> bytes:
        if isinstance(taken, _Refused):
            return self._refused(taken)
        try:
            receipt = self._submissions.resolve(taken.acceptance, await self._receipt(taken))
        except Problem as problem:
            return self._refused(_Refused(taken.number, taken.key, problem))
        return _accepted(taken, receipt)

    def _refused(self, refused: _Refused) -> bytes:
        self._submissions.metrics.rejected(refused.problem.kind)
        return _refused(refused)

    async def _receipt(self, begun: _Begun) -> Receipt:
        outcome = begun.outcome
        try:
            if not outcome.done():
                await self._in_time(outcome)
            return outcome.result()
        except TransientError as error:
            self._is_down = True
            raise line_not_certain() from error
        finally:
            if self._own.get(begun.acceptance.application_id) is outcome:
                self._done(begun.acceptance.application_id)

    async def _in_time(self, outcome: "asyncio.Future[Receipt]") -> None:
        if self._is_down:  # an earlier line has already waited for the database
            outcome.cancel()
            raise TransientError
        try:
            await asyncio.wait_for(outcome, self._submissions.writer.seconds)
        except TimeoutError as error:
            raise TransientError from error


def _accepted(begun: _Begun, receipt: Receipt) -> bytes:
    answer = {
        "line": begun.number,
        "idempotency_key": begun.key,
        "status": 202,
        "application_id": receipt.application_id,
        "version": VERSION,
        "received_at": receipt.received_at,
    }
    return orjson.dumps(answer, option=_ON_A_LINE)


def _refused(refused: _Refused) -> bytes:
    problem = refused.problem
    answer: dict[str, Any] = {
        "line": refused.number,
        "idempotency_key": refused.key,
        "status": int(problem.status),
        "problem": problem.document(),
    }
    if retry_after := problem.headers.get("Retry-After"):
        answer["retry_after"] = int(retry_after)
    return orjson.dumps(answer, option=_ON_A_LINE)
