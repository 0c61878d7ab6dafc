"""Submits to intake over HTTP; retries while it is down or overloaded."""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from cli.service_addresses import needs_no_proxy
from shared.files.ndjson import Line

_NOT_NOW: Final = frozenset(
    {
        HTTPStatus.CONFLICT,  # the same line is in flight: an earlier attempt was cut off
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_NO_LINE_AT_ALL: Final = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
)
_TIMEOUT_SECONDS: Final = 30.0
_BACK_OFF: Final = wait_random_exponential(multiplier=0.2, max=10)


class SubmissionError(Exception):
    """No further line can be submitted; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A line was accepted as an application."""

    application_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A line was refused with this problem document."""

    problem: Mapping[str, Any]


class _NotNowError(Exception):
    def __init__(self, why: str, retry_after_seconds: float = 0) -> None:
        super().__init__(why)
        self.retry_after_seconds = retry_after_seconds


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
            timeout=_TIMEOUT_SECONDS,
            trust_env=not needs_no_proxy(self.url),
            verify=self.tls,
        ) as http:
            yield IntakeClient(http, self.give_up_after_seconds, on_waiting)


class IntakeClient:
    """Submits lines through an open HTTP client."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        give_up_after_seconds: float,
        on_waiting: Callable[[str], None],
    ) -> None:
        self._http = http
        self._give_up_after_seconds = give_up_after_seconds
        self._on_waiting = on_waiting

    async def submit(self, line: Line) -> Accepted | Refused:
        """Submit one line, with retries; it becomes at most one application.

        Raises `SubmissionError` if intake is down for too long, or rejects every request.
        """
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

    async def knows(self, application_id: str) -> bool:
        """Return whether this intake has the application."""
        answer = await self._request("GET", f"/v1/applications/{application_id}")
        return answer.is_success

    async def _request(self, method: str, path: str, **request: Any) -> httpx.Response:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_NotNowError),
            wait=_wait_seconds,
            stop=stop_after_delay(self._give_up_after_seconds),
            before_sleep=lambda state: self._on_waiting(str(_error(state))),
            retry_error_callback=self._give_up,
        )
        answer: httpx.Response = await retrying(self._once, method, path, **request)
        return answer

    async def _once(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, **request)
        except httpx.TransportError as error:
            msg = f"no response ({type(error).__name__})"
            raise _NotNowError(msg) from error
        if answer.status_code in _NOT_NOW:
            msg = f"response {answer.status_code}"
            raise _NotNowError(msg, _retry_after_seconds(answer))
        return answer

    def _give_up(self, state: RetryCallState) -> httpx.Response:
        msg = (
            f"{self._http.base_url} was unavailable for {self._give_up_after_seconds:.0f} "
            f"seconds: {_error(state)}. Check its address and that it runs, then repeat the "
            "command: lines already accepted are not submitted twice."
        )
        raise SubmissionError(msg) from _error(state)


def _wait_seconds(state: RetryCallState) -> float:
    error = _error(state)
    asked_for = error.retry_after_seconds if isinstance(error, _NotNowError) else 0
    return max(asked_for, _BACK_OFF(state))


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _retry_after_seconds(answer: httpx.Response) -> float:
    # The header may also hold a date; the back-off alone is long enough then.
    stated = answer.headers.get("Retry-After", "")
    return float(stated) if stated.isdecimal() else 0


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
