"""The HTTP server of a service: uvicorn, with limits on what a client may take."""

import asyncio
import resource
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from typing_extensions import override

from shared.errors import SetupError
from shared.service.connection import connection_class
from shared.service.logs import configure_logs
from shared.service.memory import share_one_heap
from shared.settings import HttpSettings, exit_if_wrong
from shared.tracing.setup import Tracing
from shared.waiting import sleep_unless_set

_SHUTDOWN_SECONDS: Final = 5
_TICK_SECONDS: Final = 1.0  # the header `Date` is renewed as often
_OPEN_FILES: Final = 10_240  # what every system takes
_NOT_STARTED: Final = 3  # as uvicorn exits


class Server(uvicorn.Server):
    """uvicorn's server; a signal wakes it, where uvicorn itself looks ten times a second."""

    _signalled: asyncio.Event
    _loop: asyncio.AbstractEventLoop | None = None

    @override
    async def main_loop(self) -> None:
        """Run until asked to stop."""
        self._signalled, self._loop = asyncio.Event(), asyncio.get_running_loop()
        while not await self.on_tick(counter=0):
            await sleep_unless_set(_TICK_SECONDS, self._signalled)

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note a signal to stop."""
        super().handle_exit(sig, frame)
        if self._loop:
            self._loop.call_soon_threadsafe(self._signalled.set)


def server_options(settings: HttpSettings) -> dict[str, Any]:
    """Return the options of uvicorn but the address."""
    return {
        "loop": "uvloop",
        "http": connection_class(settings),
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "timeout_graceful_shutdown": _SHUTDOWN_SECONDS,
    }


def run(app: Callable[[], FastAPI], service: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then stop in order and return.

    Exits with one line for each wrong setting, and for what else the service cannot start on.
    """
    exit_if_wrong()
    share_one_heap()
    _allow_many_connections()
    configure_logs(service)
    # uvicorn raises the signal again after it has stopped, which would make the exit code 143.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    settings = HttpSettings()
    try:
        tracing = Tracing(service)
        server = Server(
            uvicorn.Config(
                app,
                factory=True,
                host=settings.host,
                port=settings.port or port,
                **server_options(settings),
            )
        )
        server.run()
        tracing.stop()
    except SetupError as error:
        sys.exit(str(error))
    if not server.started:
        sys.exit(_NOT_STARTED)


def _allow_many_connections() -> None:
    """Raise the limit of open files: slow clients must not take the last, and MongoDB's with it."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if most == resource.RLIM_INFINITY else min(_OPEN_FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
