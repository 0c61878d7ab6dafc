"""An application behind the HTTP server of the services, on a free port of this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from shared.service.server import server_options
from shared.settings import HttpSettings
from tests.waiting import eventually


@contextmanager
def served(app) -> Iterator[str]:
    """Serve an application in a thread of its own, with the settings of the environment."""
    options = server_options(HttpSettings())
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, **options))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started or not thread.is_alive())
        assert server.started, "the service did not start"
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
