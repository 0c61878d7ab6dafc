"""An application behind the HTTP server of the services, on a free port of this machine."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from shared.service.server import Server, server_options
from shared.settings import HttpSettings


class _TestServer(Server):
    """Says when it has started, or never will."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_decided = threading.Event()

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        self.is_decided.set()

    def run(self, sockets=None) -> None:
        try:
            super().run(sockets)
        finally:
            self.is_decided.set()


@contextmanager
def served(app) -> Iterator[str]:
    """Serve an application in a thread of its own, with the settings of the environment."""
    options = server_options(HttpSettings())
    server = _TestServer(uvicorn.Config(app, host="127.0.0.1", port=0, **options))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        server.is_decided.wait()
        assert server.started, "the service did not start"
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.handle_exit(signal.SIGTERM, None)
        thread.join()
