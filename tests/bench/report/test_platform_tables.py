import pytest

from bench.report.platform_tables import (
    platform_cpu_table,
    platform_rest_table,
    platform_steps_table,
    platform_table,
)
from bench.report.results import PlatformFigures, PlatformStep
from bench.report.targets import evaluate_targets


@pytest.fixture
def figures():
    step = PlatformStep(
        per_second=25,
        accepted_p50_ms=5.0,
        accepted_p95_ms=6.0,
        decided_p50_ms=7.0,
        decided_p95_ms=8.0,
        mailed_p50_ms=9.0,
        mailed_p95_ms=10.0,
        kept_up=False,
        cpu_ms={"kafka": 3.0, "intake": 1.0},
    )
    return PlatformFigures(
        what="as it ships",
        applications=1_000,
        accepted_per_second=800.0,
        decided_per_second=500.0,
        mailed_per_second=200.0,
        cpu_ms={"intake": 0.5, "kafka": 6.0, "sink": 1.0},
        at_rest_percent={"kafka": 2.0, "intake": 0.5, "notify": 1.0},
        steps=[step],
    )


def test_the_processes_add_up(make_results, figures):
    table = platform_cpu_table(make_results(platform={"ours": figures}))
    assert [line.split(" | ")[0] for line in table.splitlines()[2:]] == [
        "| kafka",
        "| intake",
        "| sink",
        "| all together",
    ]
    assert "| all together | 7.50 |" in table


def test_a_pipeline_that_did_not_run_says_why(make_results):
    results = make_results(platform={"documented": PlatformFigures(what="", not_run="no network")})
    assert "`documented`: no network" in platform_table(results)
    assert "| all together | \N{EN DASH} |" in platform_cpu_table(results)


def test_services_at_rest_are_those_that_are_not_infrastructure(make_results, figures):
    table = platform_rest_table(make_results(platform={"ours": figures}))
    assert "| the services together | 1.5 |" in table


def test_a_step_that_is_not_kept_up_with_is_marked(make_results, figures):
    table = platform_steps_table(make_results(platform={"ours": figures}))
    assert "| 25 | 5.0 | 6.0 | 7.0 | 8.0 | 9.0 | 10.0 | 4.00 | **no** |" in table


def test_tables_without_figures_have_only_a_head(make_results):
    tables = (platform_table, platform_cpu_table, platform_rest_table, platform_steps_table)
    assert [table(make_results()).count("\n") for table in tables] == [1] * 4


def test_the_targets_are_ratios_of_one_run(make_results, figures):
    slow = figures.model_copy(update={"mailed_per_second": 40.0, "cpu_ms": {"kafka": 30.0}})
    results = make_results(platform={"ours": figures, "baseline": slow, "documented": slow})
    measured = {
        each.target.description: (each.measured, each.met)
        for each in evaluate_targets(results)
        if each.target.description.startswith("platform")
    }
    assert list(measured.values()) == [(5.0, True), (5.0, True), (0.25, True), (1.5, True)]
