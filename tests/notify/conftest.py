"""Databases of a test's own, mail servers, and the parts of the service."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from services.notify.settings import NotifySettings
from services.notify.smtp.server_address import MailServer as MailServerAddress
from services.notify.smtp.time_limits import TimeLimits
from services.notify.wiring import Components, build_components
from shared.clock import utc_now
from shared.metrics import Metrics
from tests.notify.mail_server import MailServer

A_YEAR_SECONDS = 365 * 24 * 3600


@pytest.fixture
def mail_server():
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def parts(database, mail_server):
    """Assemble the service's parts, with settings of the test; several are several instances.

    Facts are as old as they like: tests state their moments.
    """

    def assemble_parts(
        now: Callable[[], datetime] = utc_now,
        limits: TimeLimits = TimeLimits(),  # noqa: B008 - it is frozen
        **settings: Any,
    ) -> Components:
        return build_components(
            database,
            replace(MailServerAddress.at(mail_server.url), limits=limits),
            NotifySettings(
                **{
                    "poll_seconds": 0.05,
                    "probe_seconds": 0.2,
                    "too_old_seconds": 100 * A_YEAR_SECONDS,
                    **settings,
                }
            ),
            Metrics("notify"),
            now,
        )

    return assemble_parts


@asynccontextmanager
async def sending(parts: Components):
    """Run the sending of one instance."""
    closing = asyncio.Event()
    running = asyncio.create_task(parts.sender.run(closing))
    try:
        yield
    finally:
        closing.set()
        await running


@asynccontextmanager
async def crashing(parts: Components):
    """Run the sending of an instance that ends without warning, as by SIGKILL."""
    running = asyncio.create_task(parts.sender.run(asyncio.Event()))
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
