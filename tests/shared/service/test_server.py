"""The server at rest: it wakes up once a second, and at once when it is asked to stop."""

import asyncio
import signal
import time

import uvicorn

from shared.service.server import Server


class NotingServer(Server):
    """Notes when it looks whether it must stop."""

    def __init__(self, looks: int) -> None:
        super().__init__(uvicorn.Config(app=None))
        self.noted: list[float] = []
        self._looks = looks

    async def on_tick(self, counter: int) -> bool:
        self.noted.append(time.monotonic())
        self.should_exit = self.should_exit or len(self.noted) == self._looks
        return await super().on_tick(counter)


async def test_a_server_at_rest_looks_once_a_second():
    server = NotingServer(looks=2)

    await server.main_loop()

    assert server.noted[1] - server.noted[0] > 0.9
    assert server.server_state.default_headers[0][0] == b"date"


async def test_a_signal_ends_it_at_once():
    server = NotingServer(looks=100)
    asyncio.get_running_loop().call_later(0.05, server.handle_exit, signal.SIGTERM, None)

    await server.main_loop()

    assert len(server.noted) == 2
    assert server.noted[1] - server.noted[0] < 0.9


async def test_a_signal_before_it_runs_is_not_lost():
    server = NotingServer(looks=100)
    server.handle_exit(signal.SIGTERM, None)

    await server.main_loop()

    assert len(server.noted) == 1
