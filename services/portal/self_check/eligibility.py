"""Asks `eligibility` what the rules say. Never waits long, and asks less while it is away."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import httpx
import orjson
from pydantic import ValidationError

from services.portal.self_check.assessment import Assessment
from services.portal.self_check.circuit import Circuit

Count = Callable[[str], None]
OUTCOMES: Final = ("answered", "refused", "busy", "slow", "away", "garbage", "not-asked")
"""How calls end. `not-asked` are those that the circuit spared."""

_PATH: Final = "/v1/assessments"
_LARGEST_ANSWER: Final = 200_000  # bytes; answers have some 5,000
_CONNECTIONS: Final = httpx.Limits(max_connections=20, max_keepalive_connections=5)


class UnavailableError(Exception):
    """The rules cannot be asked now."""


class RefusedError(Exception):
    """Fields were refused; `pointers` names them."""

    def __init__(self, pointers: tuple[str, ...]) -> None:
        super().__init__()
        self.pointers = pointers


class Eligibility:
    """A client of dry runs."""

    def __init__(
        self,
        url: str,
        seconds: float,
        count: Count,
        circuit: Circuit,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url, self._seconds, self._count = url.rstrip("/") + _PATH, seconds, count
        self._circuit = circuit
        # An address of this installation: no proxy of the environment is on the way.
        self._client = httpx.AsyncClient(
            timeout=seconds, limits=_CONNECTIONS, trust_env=False, transport=transport
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def assess(self, body: Mapping[str, Any], traceparent: str) -> Assessment:
        """Return what the rules say to a body of `Answers.request`.

        Raises `UnavailableError`, and `RefusedError` if the answers break a rule of their form.
        """
        if not self._circuit.may_ask():
            self._count("not-asked")
            raise UnavailableError
        try:
            status, content = await self._ask(body, traceparent)
            assessment = _read(status, content)
        except RefusedError:
            self._end("refused")
            raise
        except _EndedError as ended:
            self._end(ended.code)
            raise UnavailableError from ended
        self._end("answered")
        return assessment

    def _end(self, outcome: str) -> None:
        self._count(outcome)
        # A refusal and an answer that there is no time now are those of a service that works.
        self._circuit.note(worked=outcome in {"answered", "refused", "busy"})

    async def _ask(self, body: Mapping[str, Any], traceparent: str) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json", "traceparent": traceparent}
        try:
            async with (
                asyncio.timeout(self._seconds),  # for all of it: httpx' own is for each step
                self._client.stream(
                    "POST", self._url, content=orjson.dumps(body), headers=headers
                ) as answer,
            ):
                return answer.status_code, await _content(answer)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _EndedError(code="slow") from error
        except httpx.HTTPError as error:
            raise _EndedError(code="away") from error


class _EndedError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def _content(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > _LARGEST_ANSWER:
            raise _EndedError(code="garbage")
    return bytes(content)


def _read(status: int, content: bytes) -> Assessment:
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        raise RefusedError(_pointers(content))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise _EndedError(code="busy")
    if status != HTTPStatus.OK:
        raise _EndedError("away" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "garbage")
    try:
        return Assessment.model_validate_json(content)
    except ValidationError as error:
        raise _EndedError(code="garbage") from error


def _pointers(content: bytes) -> tuple[str, ...]:
    try:
        return tuple(str(each["pointer"]) for each in orjson.loads(content)["errors"])
    except (ValueError, LookupError, TypeError) as error:
        raise _EndedError(code="garbage") from error
