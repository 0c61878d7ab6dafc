"""The span of one attempt to send a mail. It has ids and the outcome, never an address."""

from dataclasses import replace
from time import time_ns

from services.notify.model import Notification, Outcome, Sent
from shared.tracing import current
from shared.tracing.context import TraceContext
from shared.tracing.exemplar import exemplar
from shared.tracing.span import Attributes, Span, Times


class MailTrace:
    """The trace of one attempt that begins now; nothing while tracing is off."""

    def __init__(self, notification: Notification) -> None:
        self._notification = notification
        self._began = 0
        self._parent: TraceContext | None = None
        self._context: TraceContext | None = None
        if current.tracer and (parent := current.tracer.recorded(notification.traceparent)):
            self._began = time_ns()
            self._parent = parent
            self._context = current.tracer.child(parent)

    @property
    def exemplar(self) -> dict[str, str] | None:
        """The exemplar of what is measured; `None` if the trace is not recorded."""
        return exemplar(self._context)

    def end(self, outcome: Outcome) -> Notification:
        """Report the attempt; return the notification whose event follows from it."""
        if self._context is None or current.tracer is None:
            return self._notification
        failed = not isinstance(outcome, Sent)
        times = Times.since(self._began)
        current.tracer.report(
            Span(
                "send mail",
                "client",
                self._context,
                self._parent,
                times,
                self._about(outcome),
                failed=failed,
            )
        )
        return replace(self._notification, traceparent=self._context.traceparent)

    def _about(self, outcome: Outcome) -> Attributes:
        reason = {} if isinstance(outcome, Sent) else {"error.type": outcome.state}
        return {
            "network.protocol.name": "smtp",
            "cppp.application.id": self._notification.application_id,
            "cppp.notification.id": self._notification.id,
            "cppp.notification.template": self._notification.template,
            "cppp.notification.attempts": self._notification.attempts,
            "cppp.notification.state": outcome.state,
            **reason,
        }
