"""Ends the process on an error that nothing here can answer."""

import os

import structlog

from shared.error_fields import error_fields
from shared.errors import SetupError

log = structlog.get_logger()


def exit_process(error: BaseException) -> None:
    """End the process at once: going on to the next batch would commit past this one.

    The log has the stack and the kinds of the errors. Their texts may hold personal data, except
    that of a `SetupError`, which says what to do.
    """
    advice = {"what_to_do": str(error)} if isinstance(error, SetupError) else {}
    # Log: The process ends on an error that it cannot answer, and is to be started again; nothing
    # is lost. With `what_to_do` a person must act first.
    log.critical("consumer.died", **advice, **error_fields(error))
    os._exit(1)
