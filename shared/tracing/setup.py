"""Switches tracing on, if OpenTelemetry's standard variables ask for it.

The SDK itself reads them: this module decides only whether it is used at all.
"""

import logging
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import structlog

from shared.errors import SetupError
from shared.tracing import current

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

    from shared.tracing.exporter import Exporter

log = structlog.get_logger()

_STOP_SECONDS: Final = 2.0
_PROTOCOL: Final = "http/protobuf"
_SAMPLERS: Final = (
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
)


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Return whether the standard variables ask for traces.

    Raises `SetupError` if they ask for what does not exist here.
    """
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    if exporter not in {"", "otlp", "none"}:
        msg = "OTEL_TRACES_EXPORTER: Must be otlp or none."
        raise SetupError(msg)
    if exporter == "none" or not (exporter or _first(environment, "ENDPOINT")):
        return False
    _check(environment)
    return True


def _first(environment: Mapping[str, str], name: str) -> str:
    """Return a setting of the exporter: the one for traces goes before that for all signals."""
    traces = environment.get(f"OTEL_EXPORTER_OTLP_TRACES_{name}", "")
    return (traces or environment.get(f"OTEL_EXPORTER_OTLP_{name}", "")).strip()


def _check(environment: Mapping[str, str]) -> None:
    if _first(environment, "PROTOCOL") not in {"", _PROTOCOL}:
        msg = (
            f"OTEL_EXPORTER_OTLP_PROTOCOL: Must be {_PROTOCOL}, which every collector takes, "
            "usually on port 4318."
        )
        raise SetupError(msg)
    if environment.get("OTEL_TRACES_SAMPLER", "").strip().lower() not in {"", *_SAMPLERS}:
        msg = f"OTEL_TRACES_SAMPLER: Must be one of {', '.join(_SAMPLERS)}."
        raise SetupError(msg)
    if not _is_ratio(environment.get("OTEL_TRACES_SAMPLER_ARG") or "1"):
        msg = "OTEL_TRACES_SAMPLER_ARG: Must be a share of all traces from 0 to 1, such as 0.01."
        raise SetupError(msg)


def _is_ratio(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


class Tracing:
    """The tracing of one process, from its start to its end."""

    def __init__(self, service: str) -> None:
        self._exporting = _start(service) if is_wanted(os.environ) else None

    def stop(self) -> None:
        """Export what is left, for a short time: a collector that is away delays no stop."""
        current.use(None)
        if self._exporting:
            processor, exporter = self._exporting
            ending = threading.Thread(target=processor.shutdown, daemon=True)
            ending.start()
            ending.join(_STOP_SECONDS)
            exporter.shutdown()  # ends its retries


def _start(service: str) -> "tuple[SpanProcessor, Exporter]":
    # Imported here: a process without tracing does not load the SDK, nor `requests`.
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    from shared.tracing.exporter import Exporter, resource_of  # noqa: PLC0415
    from shared.tracing.tracer import Tracer  # noqa: PLC0415

    # The SDK logs every attempt to export. Ours is one line when exports begin to fail.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    provider = TracerProvider(resource=resource_of(service), shutdown_on_exit=False)
    exporter = Exporter()
    processor = BatchSpanProcessor(exporter)
    current.use(Tracer(provider, processor))
    # Log: The service records traces and exports them; see docs/tracing.md.
    log.info("tracing.started", sampler=provider.sampler.get_description())
    return processor, exporter
