"""Submits to intake over HTTP, in bulk or line by line."""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, NoReturn

import httpx

from cli.service_addresses import needs_no_proxy
from cli.submit.bulk import MEDIA_TYPE, PendingLines, is_results, results_of
from cli.submit.outcomes import Accepted, Outcome, Refused, SubmissionError
from cli.submit.retrying import NotNowError, Patience, check_not_busy
from shared.files.ndjson import Line

_BULK_PATH: Final = "/v1/applications:batch"
_NDJSON: Final = {"Content-Type": MEDIA_TYPE}
_NO_LINE_AT_ALL: Final = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
)
# Over its rate limit a client is read slowly, so a bulk request may take long to be sent.
_TIMEOUT: Final = httpx.Timeout(30.0, write=600.0)


class BulkRefusedError(Exception):
    """Intake has refused a bulk request as a whole, with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"response {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach intake, and how long to retry."""

    url: str
    api_key: str | None
    give_up_after_seconds: float
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @asynccontextmanager
    async def opened(self, on_waiting: Callable[[str], None]) -> AsyncIterator["IntakeClient"]:
        """Open a client for one request at a time; before each retry it calls `on_waiting`."""
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        async with httpx.AsyncClient(
            base_url=self.url,
            headers=headers,
            timeout=_TIMEOUT,
            trust_env=not needs_no_proxy(self.url),
            verify=self.tls,
        ) as http:
            yield IntakeClient(http, Patience(self.url, self.give_up_after_seconds, on_waiting))


class IntakeClient:
    """Submits lines through an open HTTP client; a line becomes at most one application.

    Its methods raise `SubmissionError` if intake is down for too long, or rejects every request.
    """

    def __init__(self, http: httpx.AsyncClient, patience: Patience) -> None:
        self._http = http
        self._patience = patience

    async def submit(self, line: Line) -> Outcome:
        """Submit one line."""
        answer = await self._request(
            "POST",
            "/v1/applications",
            content=line.body,
            headers={
                "Content-Type": "application/json",
                "Idempotency-Key": line.idempotency_key,
            },
        )
        if answer.status_code == HTTPStatus.ACCEPTED:
            return Accepted(answer.json()["application_id"])
        problem = _problem(answer)
        if answer.status_code in _NO_LINE_AT_ALL:
            raise SubmissionError(problem["detail"])
        return Refused(problem)

    async def may_submit_in_bulk(self) -> bool:
        """Return whether this intake takes bulk requests with this API key."""
        try:
            await self._patience.call(self._send, PendingLines([], lambda _: None))
        except BulkRefusedError:
            return False
        return True

    async def submit_in_bulk(self, pending: PendingLines) -> None:
        """Submit lines in one request, repeated for those that get no outcome.

        Some stay pending, which must be sent alone. Raises `BulkRefusedError` if a request is
        refused as a whole.
        """
        if pending.sendable():
            await self._patience.call(self._send, pending)

    async def _send(self, pending: PendingLines) -> None:
        sending = self._http.stream("POST", _BULK_PATH, content=pending.body(), headers=_NDJSON)
        async with sending as answer:
            if not is_results(answer):
                await answer.aread()
                _check_refusal(answer)
            async for results in results_of(answer):
                pending.settle(results)
                self._patience.has_moved()
        if lines := pending.sendable():
            msg = f"no result for {lines} lines"
            raise NotNowError(msg, pending.retry_after_seconds)

    async def knows(self, application_id: str) -> bool:
        """Return whether this intake has the application."""
        answer = await self._request("GET", f"/v1/applications/{application_id}")
        return answer.is_success

    async def _request(self, method: str, path: str, **request: Any) -> httpx.Response:
        async def once() -> httpx.Response:
            answer = await self._http.request(method, path, **request)
            check_not_busy(answer)
            return answer

        return await self._patience.call(once)


def _check_refusal(answer: httpx.Response) -> NoReturn:
    check_not_busy(answer)
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        raise SubmissionError(_problem(answer)["detail"])
    raise BulkRefusedError(answer.status_code)


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if isinstance(problem, dict) and "detail" in problem:
        return problem
    return {
        "status": answer.status_code,
        "detail": "The response is not from intake. Check the address.",
    }
