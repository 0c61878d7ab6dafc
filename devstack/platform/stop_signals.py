"""Turns every signal to stop into a KeyboardInterrupt."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first Ctrl-C, SIGTERM or SIGHUP; ignore those that follow.

    A second signal must not interrupt the shutdown.
    """

    def on_signal(_number: int, _frame: object) -> None:
        for each in _STOP_SIGNALS:
            signal.signal(each, _ignore)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, on_signal) for each in _STOP_SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _ignore(_number: int, _frame: object) -> None:
    """Do nothing; with SIG_IGN, Python would print an error for a signal that is pending."""
