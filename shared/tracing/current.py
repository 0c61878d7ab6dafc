"""The tracer of this process; `None` while tracing is off, which is all that it then costs."""

from typing import TYPE_CHECKING

from shared.tracing.context import Switch

if TYPE_CHECKING:
    from shared.tracing.tracer import Tracer

tracer: "Tracer | None" = None


def use(new: "Tracer | None") -> None:
    """Trace with `new` from now on, or not at all."""
    global tracer  # noqa: PLW0603  # one for each process, like OpenTelemetry's own provider
    tracer = new
    Switch.recorded = new.recorded if new else None
