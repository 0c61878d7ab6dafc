"""Logs: JSON lines on stdout, coloured text on a terminal. Ids only, never personal data.

Every line has its event, level, time, service and correlation id; `docs/logs.md` lists the events.
Lines of libraries and of what nobody handled come the same way, see `library_lines.py`.
"""

import logging
import sys
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.error_fields import error_fields
from shared.service.library_lines import capture_library_lines

_RUN_ID: Final = uuid4().hex
_FIRST: Final = ("timestamp", "level", "event", "service", "correlation_id")


def configure_logs(service: str) -> None:
    """Send all that this process writes through structlog. Call it before anything else."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_texts_of_errors,
            _identified(service),
            _renderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_Lines,
        cache_logger_on_first_use=True,
    )
    capture_library_lines()


class _Lines:
    """Writes lines. A full disk or a closed pipe must not stop a service, nor show a line twice."""

    def __init__(self, *_: Any) -> None:
        pass

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    debug = info = warning = error = critical = msg


def _renderer() -> Processor:
    if sys.stdout.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer()


def _without_texts_of_errors(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event.update(error_fields(error))
    return event


def _identified(service: str) -> Processor:
    """Name the service, and the run of this process in lines about nothing else."""

    def identify(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        event["service"] = service
        event["correlation_id"] = event.get("correlation_id") or _RUN_ID
        return {**{name: event[name] for name in _FIRST}, **event}

    return identify
