"""One run over a file of submissions: submits each line and reports the outcomes."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from cli.submit.bulk import ChunkLimits, Chunks, PendingLines
from cli.submit.intake_client import BulkRefusedError, Connection, IntakeClient
from cli.submit.line_index import LineIndex
from cli.submit.outcomes import Outcome
from cli.submit.receipts import Receipts
from cli.submit.report import OnProgress, Progress, Report
from shared.files.ndjson import Line

_BULK_REQUESTS: Final = 4
_NO_BULK: Final = frozenset(
    {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
)
_LINE_BY_LINE: Final = (
    "Submitting line by line, which is slower: bulk requests need an API key with the right "
    "`bulk`. The operator of intake grants it: "
    "`python -m services.intake.keys grant ID --right bulk`."
)


class Run:
    """Submits the lines of one file and writes their receipts."""

    def __init__(
        self, receipts: Receipts, index: LineIndex, lines: int, on_progress: OnProgress
    ) -> None:
        self._receipts = receipts
        self._index = index
        self._progress = Progress(lines)
        self._on_progress = on_progress
        self._report = Report()
        self._limits = ChunkLimits()

    async def submit_all(
        self, lines: Iterator[Line], connection: Connection, concurrency: int
    ) -> Report:
        """Submit every line, several at a time; the first error cancels the rest and is raised."""
        await self._prepare(connection)
        chunks = Chunks(lines, self._limits)
        requests = min(concurrency, _BULK_REQUESTS) if self._limits.is_bulk else concurrency
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(requests):
                    group.create_task(self._submit_chunks(chunks, connection))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        self._show(done=self._progress.lines)
        return self._report

    async def _prepare(self, connection: Connection) -> None:
        async with connection.opened(self._wait_for) as client:
            if connection.api_key and await client.may_submit_in_bulk():
                self._limits.allow_bulk()
            else:
                self._show(notice=_LINE_BY_LINE)
            sample = self._receipts.sample
            if sample and not await client.knows(sample):  # they are another intake's
                self._receipts.set_aside()

    def _wait_for(self, what: str) -> None:
        self._show(waiting_for=what)

    async def _submit_chunks(self, chunks: Chunks, connection: Connection) -> None:
        # One client per task: a shared pool costs more than the requests.
        async with connection.opened(self._wait_for) as client:
            while chunk := chunks.take():
                await self._submit_chunk([each for each in chunk if self._is_open(each)], client)
                self._show(done=chunk[-1].number)

    def _is_open(self, line: Line) -> bool:
        first = self._index.first_line(line.digest, line.number)
        if first != line.number:
            self._report.add_repeated(line, first)
        if self._receipts.is_accepted(line):
            self._report.add_resumed()
            return False
        return True

    async def _submit_chunk(self, lines: Sequence[Line], client: IntakeClient) -> None:
        if not lines:
            await asyncio.sleep(0)  # let the other requests go on
        elif self._limits.is_bulk:
            lines = await self._submit_in_bulk(lines, client)
        for line in lines:
            self._record([(line, await client.submit(line))])

    async def _submit_in_bulk(self, lines: Sequence[Line], client: IntakeClient) -> Sequence[Line]:
        """Return the lines that must be sent alone."""
        pending = PendingLines(lines, self._record)
        try:
            await client.submit_in_bulk(pending)
        except BulkRefusedError as refused:
            if refused.status in _NO_BULK:
                self._limits.forbid_bulk()
                self._show(notice=_LINE_BY_LINE)
            elif refused.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and len(lines) > 1:
                self._limits.halve()
        return pending.left()

    def _record(self, outcomes: Sequence[tuple[Line, Outcome]]) -> None:
        self._receipts.write(outcomes)
        for line, outcome in outcomes:
            self._report.add(line, outcome)
            self._show(done=line.number)

    def _show(self, *, done: int = 0, waiting_for: str = "", notice: str = "") -> None:
        self._progress = replace(
            self._progress,
            done=max(done, self._progress.done),
            accepted=self._report.accepted,
            refused=self._report.refused,
            waiting_for=waiting_for,
            notice=notice or self._progress.notice,
        )
        self._on_progress(self._progress)
