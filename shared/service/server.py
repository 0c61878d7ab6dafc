"""The HTTP server of a service: uvicorn, with limits on what a client may take."""

import asyncio
import resource
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import structlog
import uvicorn
from fastapi import FastAPI
from typing_extensions import override

from shared.errors import SetupError
from shared.service.connection import connection_class
from shared.service.library_lines import report_lost_errors
from shared.service.logs import configure_logs
from shared.service.memory import share_one_heap
from shared.settings import HttpSettings, complaints
from shared.tracing.setup import Tracing
from shared.waiting import sleep_unless_set

log = structlog.get_logger()
_SHUTDOWN_SECONDS: Final = 5
_TICK_SECONDS: Final = 1.0  # the header `Date` is renewed as often
_OPEN_FILES: Final = 10_240  # what every system takes
_NOT_STARTED: Final = 3  # as uvicorn exits


class Server(uvicorn.Server):
    """uvicorn's server; a signal wakes it, where uvicorn itself looks ten times a second."""

    _signalled: asyncio.Event
    _loop: asyncio.AbstractEventLoop | None = None

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Run the application's start, and listen."""
        report_lost_errors(asyncio.get_running_loop())
        await super().startup(sockets)

    @override
    async def main_loop(self) -> None:
        """Run until asked to stop."""
        self._signalled, self._loop = asyncio.Event(), asyncio.get_running_loop()
        while not await self.on_tick(counter=0):
            await sleep_unless_set(_TICK_SECONDS, self._signalled)
        # Log: The service was asked to stop, and finishes what it has begun.
        log.info("service.stopping")

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

    Exits with a log line for each wrong setting, and for what else the service cannot start on.
    """
    configure_logs(service)
    _exit_if_settings_are_wrong()
    share_one_heap()
    _allow_many_connections()
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
        # Log: The service cannot start on what it found; `what_to_do` says what it needs.
        log.critical("service.not_started", what_to_do=str(error))
        sys.exit(1)
    if not server.started:
        sys.exit(_NOT_STARTED)


def _exit_if_settings_are_wrong() -> None:
    wrong = list(complaints())
    for each in wrong:
        variable, _, rule = each.partition(": ")
        # Log: A variable has a wrong value, so the service does not start; `what_to_do` says what
        # it must be.
        log.critical("setting.wrong", variable=variable, what_to_do=rule)
    if wrong:
        sys.exit(1)


def _allow_many_connections() -> None:
    """Raise the limit of open files: slow clients must not take the last, and MongoDB's with it."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if most == resource.RLIM_INFINITY else min(_OPEN_FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
