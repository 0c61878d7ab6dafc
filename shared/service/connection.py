"""A client's connection, with limits on what a request may take: bytes of its head, and time.

uvicorn with httptools has none. They cost a request no more than a few additions: its head is
counted while it is parsed, and a connection has one timer, which looks at what the client owes and
sleeps until that would be overdue.
"""

import asyncio
import re
from typing import ClassVar, Final

from starlette.responses import Response
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from shared.http.problems import Problem
from shared.http.refusals import (
    body_too_slow,
    head_too_large,
    head_too_slow,
    host_invalid,
    malformed_request,
)
from shared.service.body_arrival import BodyArrival, watch_body
from shared.settings import HttpSettings

_HOST: Final = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[\w.~%!$&'()*+;=-]+)(?::\d*)?", re.ASCII)
_UPGRADE: Final = re.compile(rb"\nupgrade:", re.IGNORECASE)
_END_OF_HEAD: Final = b"\r\n\r\n"
_LINGER_SECONDS: Final = 2.0
_LATE_SECONDS: Final = 1.0
_AROUND_A_FIELD: Final = 4  # colon, space and line end


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with limits.

    A client has `header_seconds` for a head, counted from the first byte or from the last response.
    A body may pause for `body_seconds`, counted only while the application waits for it.
    """

    settings: ClassVar[HttpSettings]

    _timer: asyncio.TimerHandle
    _look_at = 0.0
    _turn_since = 0.0  # when it became the client's turn to send a head
    _is_in_head = False
    _is_refused = False
    _is_given_up = False
    _is_lingering = False
    _parts = _parts_before = 0  # heads begun and completed, and pieces of bodies
    _received = _before = 0  # bytes, and those before the current piece
    _head_at = _head_at_earliest = _last_part_at = 0  # after so many bytes

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._turn_since = self.loop.time()
        self._look_later()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        if b"pgrade:" in data and not self._is_in_body():
            data = _without_upgrade(data)
        self._before, self._parts_before = self._received, self._parts
        self._received += len(data)
        super().data_received(data)
        if self._parts != self._parts_before:
            self._last_part_at = self._received
        since = self._head_at if self._is_in_head else self._last_part_at
        if self._received - since > self.settings.max_header_bytes:
            self._refuse(head_too_large(self.settings.max_header_bytes))
        if (request := self._request) is not None and request.more_body:
            watch_body(request)

    @property
    def _request(self) -> RequestResponseCycle | None:
        """The latest request whose head is complete."""
        return self.cycle

    def _is_in_body(self) -> bool:
        return not self._is_in_head and self._request is not None and self._request.more_body

    @override
    def on_message_begin(self) -> None:
        # Received in one piece with an earlier message, it begins somewhere within that piece.
        is_first = self._parts == self._parts_before
        self._head_at = self._before if is_first else self._received
        self._head_at_earliest = self._before
        self._parts += 1
        self._is_in_head = True
        self._turn_since = self.loop.time()
        super().on_message_begin()

    @override
    def on_headers_complete(self) -> None:
        self._parts += 1
        limit = self.settings.max_header_bytes
        if self._received - self._head_at_earliest > limit and self._head_bytes() > limit:
            raise head_too_large(limit)  # ends the parsing
        self._is_in_head = False
        if self._names_one_host():
            super().on_headers_complete()
        else:
            self._answer_instead(host_invalid())
        self.headers = []  # for trailers: they must not pass for headers

    def _head_bytes(self) -> int:
        fields = sum(len(name) + len(value) + _AROUND_A_FIELD for name, value in self.headers)
        return len(self.url) + fields

    def _answer_instead(self, problem: Problem) -> None:
        application, self.app = self.app, self._refusal(problem)
        try:
            super().on_headers_complete()
        finally:
            self.app = application

    def _names_one_host(self) -> bool:
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) == 1:
            return _HOST.fullmatch(hosts[0]) is not None
        return not hosts and self.parser.get_http_version() == "1.0"

    @override
    def on_body(self, body: bytes) -> None:
        self._parts += 1
        super().on_body(body)

    @override
    def on_response_complete(self) -> None:
        self._turn_since = self.loop.time()
        super().on_response_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be parsed, or was not parsed to its end."""
        limit = self.settings.max_header_bytes
        is_too_large = self._is_in_head and self._head_bytes() > limit
        self._refuse(head_too_large(limit) if is_too_large else malformed_request())

    def _refuse(self, problem: Problem) -> None:
        """Answer instead of the application and close, or only close if it is answering."""
        if self._is_refused or self.transport.is_closing():
            return
        self._is_refused = True
        if self._is_answering():
            self._close()
            return
        if (request := self._request) is not None:  # its body is not coming
            request.disconnected = True
            request.message_event.set()
        self._unset_keepalive_if_required()
        self.transport.write(_response(self._refusal(problem), self.server_state.default_headers))
        # A close while the client is still sending would reset the connection, and the client might
        # not see the response.
        self._is_lingering = True
        self.transport.write_eof()
        self.flow.resume_reading()
        self._timer.cancel()
        self._timer = self.loop.call_later(_LINGER_SECONDS, self.transport.close)

    def _is_answering(self) -> bool:
        request = self._request
        if request is None or request.response_complete:
            return False
        return request.response_started or self._is_in_head or len(self.pipeline) > 0

    def _refusal(self, problem: Problem) -> Response:
        self.config.loaded_app.state.metrics.refused(problem.status)
        return problem.response()

    def _look_later(self, overdue_at: float | None = None) -> None:
        # What the client comes to owe after this look is overdue no sooner than that.
        soon = self.loop.time() + min(self.settings.header_seconds, self.settings.body_seconds)
        self._look_at = soon if overdue_at is None else min(soon, overdue_at)
        self._timer = self.loop.call_at(self._look_at, self._look)

    def _look(self) -> None:
        """Close the connection if the client is overdue; otherwise look when it would be."""
        if self._is_given_up:  # long ago, and the client does not take what is left to send
            self.transport.abort()
            return
        now = self.loop.time()
        if now > self._look_at + _LATE_SECONDS:
            self._wait_anew(now)
        overdue_at = self._overdue_at()
        if overdue_at is not None and overdue_at <= now:
            self._give_up()
            overdue_at = None
        if not self._is_lingering:
            self._look_later(overdue_at)

    def _wait_anew(self, now: float) -> None:
        # This process was held up, and has not read what arrived meanwhile.
        self._turn_since = now
        if (arrival := self._awaited_body()) is not None:
            arrival.waiting_since = now

    def _overdue_at(self) -> float | None:
        request = self._request
        if request is None or request.response_complete:
            return self._turn_since + self.settings.header_seconds
        arrival = self._awaited_body()
        if arrival is None or arrival.waiting_since is None:
            return None  # the client waits for this process
        return arrival.waiting_since + self.settings.body_seconds

    def _awaited_body(self) -> BodyArrival | None:
        """Return the arrival that the application waits for, if the client owes it a body."""
        request = self._request
        if request is None or request.response_complete or not request.more_body:
            return None
        arrival = request.message_event
        if isinstance(arrival, BodyArrival) and arrival.waiting_since is not None:
            return arrival
        return None

    def _give_up(self) -> None:
        arrival = self._awaited_body()
        if arrival is not None and not self.cycle.response_started:
            arrival.give_up(body_too_slow(self.settings.body_seconds))
        elif arrival is None and self._is_in_head:
            self._refuse(head_too_slow(self.settings.header_seconds))
        else:
            self._close()

    def _close(self) -> None:
        self._is_given_up = True
        self.transport.close()


def connection_class(settings: HttpSettings) -> type[Connection]:
    """Return the protocol with these limits, for uvicorn."""
    return type("Connection", (Connection,), {"settings": settings})


def _without_upgrade(data: bytes) -> bytes:
    # The parser would take whatever follows such a head for another protocol, and drop the body.
    end_of_head = data.find(_END_OF_HEAD)
    head = data if end_of_head < 0 else data[:end_of_head]
    return _UPGRADE.sub(b"\nx-upgrade:", head) + data[len(head) :]


def _response(answer: Response, more: list[tuple[bytes, bytes]]) -> bytes:
    fields = b"".join(b"%s: %s\r\n" % each for each in (*more, *answer.raw_headers))
    return b"".join((STATUS_LINE[answer.status_code], fields, b"\r\n", answer.body))
