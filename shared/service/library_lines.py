"""Lines of libraries, warnings, and errors that nobody handled, as log lines like all others.

Their texts may hold personal data: a library's line has only the words that are the same every
time, and the place that wrote it.
"""

import asyncio
import linecache
import logging
import re
import sys
import threading
import warnings
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from typing_extensions import override

from shared.error_fields import error_fields, place

log = structlog.get_logger()

_OURS: Final = ("shared.", "services.")
_WORDS: Final = re.compile(r"[A-Za-z ,._-]*")
_LONGEST: Final = 200
_AROUND: Final = 6  # lines of source: a text may be written above the call
_LEAST: Final = 4
# What uvicorn says of errors that are logged where they happen, and of clients that are counted.
_SAID_BETTER: Final = (
    "Application startup failed",
    "Exception in ASGI application",
    "Invalid HTTP request",
    "Traceback",
    "Unsupported upgrade",
)


def capture_library_lines() -> None:
    """Log warnings and errors of libraries, of Python itself, and what ends a thread or process."""
    logging.raiseExceptions = False  # it would write to stderr that a line could not be written
    root = logging.getLogger()
    root.handlers = [_Handler()]
    root.setLevel(logging.WARNING)
    # aiokafka logs each of its retries as an error, hundreds of them while Kafka is down. Our own
    # logs and metrics have what a person needs to know.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    warnings.showwarning = _on_warning
    sys.excepthook = _on_end_of_process
    threading.excepthook = _on_end_of_thread
    sys.unraisablehook = _on_unraisable


class _Handler(logging.Handler):
    """Logs what libraries log."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "uvicorn.error" and str(record.msg).startswith(_SAID_BETTER):
            return
        where = f"{place(record.pathname)}:{record.lineno}"
        fields = {"logger": record.name, "message": _words(record), "place": where}
        if record.exc_info and record.exc_info[1]:
            fields |= error_fields(record.exc_info[1])
        elif isinstance(record.msg, BaseException):
            fields |= error_fields(record.msg)
        if record.levelno >= logging.ERROR:
            # Log: A library reports an error, as `logger` names it. `message` has the words of its
            # text that are the same every time, `place` says where it was written. An exception has
            # `error`, `caused_by`, `errno` and `stack`.
            log.error("library.error", **fields)
        else:
            _warn(**fields)


def _warn(**fields: Any) -> None:
    # Log: A library warns, or Python does, with `logger`, `message` and `place` as in
    # `library.error`, or `error`, `caused_by`, `errno` and `stack`.
    log.warning("library.warning", **fields)


def _words(record: logging.LogRecord) -> str:
    """Return the text without values: a template, or as much as is written in the source."""
    if record.name.startswith(_OURS):
        return record.getMessage()
    text = str(record.msg)[:_LONGEST]
    return text if record.args else _in_source(text, record)


def _in_source(text: str, record: logging.LogRecord) -> str:
    lines = linecache.getlines(record.pathname)[max(0, record.lineno - _AROUND) :][: 2 * _AROUND]
    source = "".join(lines)
    known = (text[:end] for end in range(len(text), _LEAST - 1, -1) if text[:end] in source)
    return next(known, "").strip()


def _beginning(text: str) -> str:
    found = _WORDS.match(text)
    return found[0].strip() if found else ""


def _on_warning(  # noqa: PLR0913, PLR0917  # Python's signature
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del message, file, line
    _warn(logger="warnings", message=category.__name__, place=f"{place(filename)}:{lineno}")


def _on_end_of_process(
    _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    # Log: The process ends on an error that nobody handled; it is to be started again.
    log.critical("process.failed", **error_fields(error))


def _on_end_of_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        # Log: A thread ended on an error that nobody handled.
        log.error("thread.failed", **error_fields(args.exc_value))


def _on_unraisable(args: Any) -> None:
    if args.exc_value is not None:
        # Log: An error in a destructor or a callback of Python's, where nobody could handle it.
        log.error("error.ignored", **error_fields(args.exc_value))


def report_lost_errors(loop: asyncio.AbstractEventLoop) -> None:
    """Log the errors of tasks and callbacks that nobody waits for."""
    loop.set_exception_handler(_on_lost_error)


def _on_lost_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    fields = error_fields(error) if error else {}
    # Log: A task or callback failed and nobody waited for it. `message` is asyncio's; an exception
    # has `error`, `caused_by`, `errno` and `stack`.
    log.error("task.failed", message=_beginning(str(context.get("message"))), **fields)
