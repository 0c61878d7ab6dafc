"""Tracing is off unless the standard variables ask for it, and a wrong one is named."""

import subprocess
import sys

import pytest

from devstack.stack.program import PROJECT
from shared.errors import SetupError
from shared.tracing.setup import is_wanted

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
OTLP = {"OTEL_TRACES_EXPORTER": "otlp"}


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        (OTLP, True),
        (ENDPOINT, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "", "OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"}, False),
        ({**OTLP, **ENDPOINT, "OTEL_SDK_DISABLED": "true"}, False),
        ({**OTLP, "OTEL_SDK_DISABLED": "false"}, True),
        ({**OTLP, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, True),
        (
            {
                **OTLP,
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",  # for the other signals
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
            },
            True,
        ),
        ({**OTLP, "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"}, True),
        ({"OTEL_TRACES_SAMPLER": "wrong, but nobody asks for traces"}, False),
    ],
)
def test_traces_are_wanted_if_the_standard_variables_say_so(environment, wanted):
    assert is_wanted(environment) is wanted


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER: Must be otlp or none."),
        ({**OTLP, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "Must be http/protobuf"),
        ({**OTLP, "OTEL_TRACES_SAMPLER": "some"}, "OTEL_TRACES_SAMPLER: Must be one of always_on"),
        ({**OTLP, "OTEL_TRACES_SAMPLER_ARG": "1%"}, "Must be a share of all traces from 0 to 1"),
        ({**OTLP, "OTEL_TRACES_SAMPLER_ARG": "2"}, "Must be a share of all traces from 0 to 1"),
    ],
)
def test_what_does_not_exist_is_named(environment, complaint):
    with pytest.raises(SetupError, match=complaint):
        is_wanted(environment)


def test_without_tracing_neither_the_sdk_nor_the_exporter_is_loaded():
    program = (
        "import sys, services.intake.app, services.eligibility.app, services.notify.app, "
        "shared.service.server as server; server.Tracing('intake').stop(); "
        "print([m for m in sys.modules if m.startswith(('opentelemetry.sdk', "
        "'opentelemetry.exporter', 'requests', 'google.protobuf'))])"
    )
    done = subprocess.run(  # noqa: S603  # our own command line
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"
