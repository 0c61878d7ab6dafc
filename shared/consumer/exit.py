"""Ends the process on an error that nothing here can answer."""

import os
from collections.abc import Iterator
from traceback import format_tb

import structlog

from shared.errors import SetupError

log = structlog.get_logger()


def exit_process(error: BaseException) -> None:
    """End the process at once: going on to the next batch would commit past this one.

    The log has the stack and the kinds of the errors. Their texts may hold personal data, except
    that of a `SetupError`, which says what to do.
    """
    kinds = [type(each).__name__ for each in _with_causes(error)]
    places = [line for each in _with_causes(error) for line in format_tb(each.__traceback__)]
    advice = {"what_to_do": str(error)} if isinstance(error, SetupError) else {}
    # Log: The process ends on an error that it cannot answer, and is to be started again; nothing
    # is lost. With `what_to_do` a person must act first.
    log.critical(
        "consumer.died", error=kinds[0], caused_by=kinds[1:], **advice, stack="".join(places)
    )
    os._exit(1)


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__
