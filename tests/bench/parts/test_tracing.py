"""What traces cost: the variants, and the table."""

import pytest

from bench.harness.contender import ELIGIBILITY
from bench.parts.tracing import variants
from bench.report.results import PipelineFigures, Results, TracingFigures
from bench.report.tables import tracing_table


def test_the_variants_are_the_service_as_it_ships_with_other_settings():
    off, one_percent, every = variants(4318)

    assert off == ELIGIBILITY
    assert off.command == one_percent.command == every.command
    assert len({off.name, one_percent.name, every.name}) == 3
    assert one_percent.settings["OTEL_TRACES_SAMPLER_ARG"] == "0.01"
    assert "OTEL_TRACES_SAMPLER" not in every.settings
    assert every.settings["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"


def test_the_table_has_the_ratios(results: Results):
    lines = tracing_table(results).replace("\N{EN DASH}", "-").splitlines()

    assert lines[2] == "| no traces, as it ships | 100 | 20.0 | 1.00 |"
    assert lines[3] == "| one trace in a hundred | 99 | 20.2 | 1.01 |"
    assert lines[4] == "| every trace: not run: too slow | - | - | - |"


@pytest.fixture
def results():
    tracing = TracingFigures(
        off=PipelineFigures(what="", events_per_second=100, cpu_us_per_event=20),
        one_percent=PipelineFigures(what="", events_per_second=99, cpu_us_per_event=20.2),
        all=PipelineFigures(what="", not_run="too slow"),
    )
    return Results.model_validate(
        {
            "plan": "quick",
            "measured_at": "2026-11-30T00:00:00Z",
            "commit": "",
            "machine": {},
            "versions": {},
            "tracing": tracing,
        }
    )
