"""Starts a service that kills itself (SIGKILL) at an exact point of its work.

`python -m tests.faults.crashing_service FILE TIMES NTH POINT services.<name>`

POINT is `before-` or `after-` one of the steps below. The process dies at the NTH call of that
step, and again after each restart until it has died TIMES times; FILE counts the crashes. The
services contain no code for this: their methods are wrapped before the service is built.
"""

import os
import runpy
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

# Where each service writes to its database: module, class and method.
STORE = {
    "intake": ("services.intake.store.applications", "MongoApplications", "keep"),
    "eligibility": ("services.eligibility.store.store", "EligibilityStore", "keep"),
    "recognition": ("services.recognition.handlers", "CandidacyHandler", "keep"),
    "notify": ("services.notify.handlers", "NotificationHandler", "keep"),
}
STEPS = {
    "publish": ("shared.kafka.publisher", "KafkaPublisher", "publish"),
    "commit": ("aiokafka", "AIOKafkaConsumer", "commit"),
    "outbox-update": ("shared.outbox.store", "MongoOutbox", "mark_published"),
    # The last bytes of a mail, which the server answers with 250.
    "send": ("services.notify.smtp.connection", "SmtpConnection", "send"),
}
Method = Callable[..., Awaitable[Any]]


class CrashCounter:
    """Counts a service's crashes across its restarts: one byte in the file for each."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def count(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0

    def crash(self) -> None:
        """Count one more crash and kill this process."""
        with self._path.open("ab") as file:
            file.write(b".")
        os.kill(os.getpid(), signal.SIGKILL)


def crashing(method: Method, *, before: bool, nth: int, counter: CrashCounter) -> Method:
    """Wrap a method so that the `nth` call kills the process, before or after its work."""
    calls = 0

    @wraps(method)
    async def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        is_last = calls == nth
        if is_last and before:
            counter.crash()
        result = await method(*arguments, **named)
        if is_last:
            counter.crash()
        return result

    return wrapped


def find_step(service: str, step: str) -> tuple[type, str]:
    """Return the class and the method of a step: the first of the listed names that exists."""
    module, owner, *methods = STEPS.get(step) or STORE[service]
    found: type = getattr(import_module(module), owner)
    return found, next(each for each in methods if hasattr(found, each))


def main(path: str, times: str, nth: str, point: str, module: str) -> None:
    """Wrap the step, unless the service has crashed often enough, and start the service."""
    counter = CrashCounter(Path(path))
    when, _, step = point.partition("-")
    owner, name = find_step(module.rpartition(".")[2], step)
    if counter.count() < int(times):
        method = getattr(owner, name)
        wrapped = crashing(method, before=when == "before", nth=int(nth), counter=counter)
        setattr(owner, name, wrapped)
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
