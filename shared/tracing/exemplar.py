"""Exemplars: the trace of one observation, in the OpenMetrics format."""

from shared.tracing.context import TraceContext


def exemplar(context: TraceContext | None) -> dict[str, str] | None:
    """Return the labels of the exemplar of a span; `None` if its trace is not recorded."""
    return {"trace_id": context.trace} if context and context.is_sampled else None
