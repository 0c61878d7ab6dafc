"""HTTP byte by byte: requests as no proper client would send them."""

import socket
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from tests.waiting import DEADLINE_SECONDS


@dataclass
class Line:
    """A connection to a service."""

    socket: socket.socket
    received: bytes = field(default=b"")

    def send(self, content: bytes) -> None:
        self.socket.sendall(content)

    def answer(self) -> "Answer":
        """Read one response, by its length."""
        while b"\r\n\r\n" not in self.received:
            self.receive()
        head, _, rest = self.received.partition(b"\r\n\r\n")
        self.received = rest
        status_line, *fields = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (f.split(": ", 1) for f in fields)}
        length = int(headers.get("content-length", 0))
        while len(self.received) < length:
            self.receive()
        body, self.received = self.received[:length], self.received[length:]
        return Answer(int(status_line.split(" ")[1]), headers, body)

    def rest(self) -> bytes:
        """Read until the service closes the connection."""
        try:
            while received := self.socket.recv(65_536):
                self.received += received
        except ConnectionResetError:
            pass
        return self.received

    def receive(self) -> None:
        """Read what has arrived, and wait for it if nothing has."""
        received = self.socket.recv(65_536)
        assert received, f"closed after {self.received!r}"
        self.received += received

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def line_to(url: str) -> Line:
    address = urlsplit(url)
    return Line(
        socket.create_connection((address.hostname, address.port), timeout=DEADLINE_SECONDS)
    )


def exchange(url: str, content: bytes) -> Answer:
    """Send this on a connection of its own and read one response."""
    with line_to(url) as line:
        line.send(content)
        return line.answer()
