"""Starts a service that ends itself by SIGKILL at an exact point of its work.

`python -m tests.faults.crashing NOTES TIMES NTH POINT services.<name>`: at every NTH passing of
POINT, TIMES times in all; NOTES is the file that counts them over restarts. Points are
`before-` or `after-` one of the seams below. The product knows nothing of this: the seams are
ordinary functions, wrapped from outside before the service is built.
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

# Where a service keeps, publishes and notes: the module, the class and the function.
KEEP = {
    "intake": ("services.intake.store.applications", "MongoApplications", "keep"),
    "eligibility": ("services.eligibility.store.store", "EligibilityStore", "keep"),
    "recognition": ("services.recognition.handlers", "CandidacyHandler", "keep"),
    "notify": ("services.notify.handlers", "NotificationHandler", "keep"),
}
SEAMS = {
    "publish": ("shared.kafka.publisher", "KafkaPublisher", "publish"),
    "commit": ("aiokafka", "AIOKafkaConsumer", "commit"),
    "note": ("shared.outbox.store", "MongoOutbox", "mark_published"),
    # The end of a mail, to which the server says yes; handed over on its own where it can be.
    "send": ("services.notify.smtp.connection", "SmtpConnection", "hand_over", "send"),
}
Step = Callable[..., Awaitable[Any]]


class Notes:
    """How often the service has crashed, over all its lives; one byte for each."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def count(self) -> int:
        """Count the crashes."""
        return self._path.stat().st_size if self._path.exists() else 0

    def crash(self) -> None:
        """Note one more, and end at once."""
        with self._path.open("ab") as notes:
            notes.write(b".")
        os.kill(os.getpid(), signal.SIGKILL)


def crashing(step: Step, *, before: bool, nth: int, notes: Notes) -> Step:
    """Wrap a step so that every `nth` call ends the process, before or after its work."""
    calls = 0

    @wraps(step)
    async def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        is_last = calls == nth
        if is_last and before:
            notes.crash()
        result = await step(*arguments, **named)
        if is_last:
            notes.crash()
        return result

    return wrapped


def seam_of(service: str, seam: str) -> tuple[type, str]:
    """Find the class and the function that a seam is; of several names the first that is there."""
    module, owner, *functions = SEAMS.get(seam) or KEEP[service]
    found: type = getattr(import_module(module), owner)
    return found, next(each for each in functions if hasattr(found, each))


def main(path: str, times: str, nth: str, point: str, module: str) -> None:
    """Wrap the seam, unless it has crashed often enough, and start the service."""
    notes = Notes(Path(path))
    when, _, seam = point.partition("-")
    owner, function = seam_of(module.rpartition(".")[2], seam)
    if notes.count() < int(times):
        step = getattr(owner, function)
        setattr(owner, function, crashing(step, before=when == "before", nth=int(nth), notes=notes))
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
