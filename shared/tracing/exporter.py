"""Exports spans by OTLP, and says once when that begins to fail and when it works again."""

from collections.abc import Sequence
from typing import Any, Final

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from typing_extensions import override

from shared import __version__

log = structlog.get_logger()

_NOT_STATED: Final = "unknown_service"  # the SDK's own default
_OURS: Final = {"service.namespace": "cppp", "service.version": __version__}


def resource_of(service: str) -> Resource:
    """Describe this process; what the standard variables say goes before our own values."""
    stated = Resource.create()
    attributes = {SERVICE_NAME: service, **_OURS, **stated.attributes}
    if str(stated.attributes[SERVICE_NAME]).startswith(_NOT_STATED):
        attributes[SERVICE_NAME] = service
    return Resource(attributes, stated.schema_url)


class Exporter(SpanExporter):
    """The SDK's exporter, which must not fill the log while a collector is away.

    It runs in the thread of the batch processor. Spans that cannot be exported are lost.
    """

    def __init__(self, **options: Any) -> None:
        self._exporter = OTLPSpanExporter(**options)
        self._is_failing = False

    @override
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export spans; never raises."""
        try:
            result = self._exporter.export(spans)
        except Exception:  # noqa: BLE001  # whatever it is, tracing must not end with it
            result = SpanExportResult.FAILURE
        self._report(is_failing=result is not SpanExportResult.SUCCESS)
        return result

    def _report(self, *, is_failing: bool) -> None:
        if is_failing == self._is_failing:
            return
        self._is_failing = is_failing
        if is_failing:
            # Log: The collector of traces does not take them: they are lost until it does. The
            # service itself is not affected.
            log.warning("tracing.failing")
        else:
            # Log: The collector of traces takes them again.
            log.info("tracing.recovered")

    @override
    def shutdown(self) -> None:
        """End the exporter."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # has no types
