"""A TCP proxy in front of a server that a test can make slow, silent or cut."""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from devstack.stack.ports import LOCALHOST, accepts_connections
from devstack.stack.program import Program, Stage
from devstack.testing.tcp_line import Line

GOOD_LINE = Line()


@dataclass(frozen=True)
class TcpProxy:
    """Listens on `port` and forwards to `target_port`; `file` holds the condition of the line.

    A client that learns the server's own address bypasses the proxy: MongoDB's driver does unless
    its URL has `directConnection=true`, Kafka's clients always do.
    """

    name: str
    port: int
    target_port: int
    file: Path

    @property
    def mongodb_url(self) -> str:
        """The MongoDB URL through this proxy."""
        return f"mongodb://{LOCALHOST}:{self.port}/?directConnection=true"

    def program(self) -> Program:
        """Return the proxy as a program; its line is good when the stack starts."""
        ports = (str(self.port), str(self.target_port))
        return Program(
            name=self.name,
            command=(sys.executable, "-m", "devstack.testing.tcp_line", *ports, str(self.file)),
            is_ready=lambda: accepts_connections(self.port),
            stage=Stage.INFRASTRUCTURE,
            prepare=lambda: self.become(GOOD_LINE),
        )

    def become(self, line: Line) -> None:
        """Change the condition of the line; takes effect within a few hundredths of a second."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        draft.write_text(json.dumps(asdict(line)))
        draft.replace(self.file)
