import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench.harness.plan import QUICK
from bench.parts.platform import documented, part
from bench.report.results import PlatformFigures

SHORT = replace(
    QUICK,
    applications=60,
    slow_applications=30,
    idle_seconds=1,
    platform_rates=(10,),
    platform_step_seconds=2,
)
SERVICES = {"intake", "eligibility", "recognition", "notify", "reconciliation"}
INFRASTRUCTURE = {"kafka", "mongodb", "sink"}


@pytest.fixture
def short_warm_up(monkeypatch):
    monkeypatch.setattr(part, "_WARM_UP", 20)
    monkeypatch.setattr(part, "_COOL_DOWN_SECONDS", 0.0)


@pytest.fixture
def this_environment(monkeypatch):
    """Run the programs with this interpreter, so that nothing is installed."""
    folder = Path(sys.executable).parents[1]
    monkeypatch.setattr(documented, "install_environment", lambda *_: None)
    monkeypatch.setattr(documented, "virtual_environment", lambda _: folder)


@pytest.mark.plays
@pytest.mark.usefixtures("short_warm_up")
def test_every_application_is_decided_and_mailed_and_every_process_is_measured():
    figures = part.measure(replace(SHORT, only=("ours",)))["ours"]
    assert figures.not_run is None
    assert (figures.lost, figures.doubled, figures.applications) == (0, 0, 60)
    assert figures.accepted_per_second >= figures.decided_per_second >= 0
    assert figures.mailed_per_second > 0
    assert set(figures.cpu_ms) == set(figures.at_rest_percent) == SERVICES | INFRASTRUCTURE
    assert min(figures.cpu_ms.values()) >= 0
    assert figures.cpu_ms["kafka"] > 0
    assert [each.per_second for each in figures.steps] == [10]
    assert figures.steps[0].mailed_p95_ms >= figures.steps[0].mailed_p50_ms > 0


@pytest.mark.plays
@pytest.mark.usefixtures("short_warm_up", "this_environment")
def test_the_documented_pipeline_decides_and_mails_everything_too():
    figures = part.measure(replace(SHORT, only=("documented",)))["documented"]
    assert figures.not_run is None
    assert (figures.lost, figures.doubled, figures.applications) == (0, 0, 30)
    assert set(figures.cpu_ms) == SERVICES - {"reconciliation"} | INFRASTRUCTURE


def test_a_checkout_without_an_environment_is_not_run(tmp_path):
    plan = replace(SHORT, only=("baseline",), baseline=str(tmp_path))
    assert "run `make venv` in it" in part.measure(plan)["baseline"].not_run


def figures_of(rate, **changes):
    fields = {
        "what": "it",
        "accepted_per_second": 3 * rate,
        "decided_per_second": 2 * rate,
        "mailed_per_second": rate,
        "cpu_ms": {"kafka": 100 / rate},
        "at_rest_percent": {"kafka": 1.0},
    }
    return PlatformFigures(**(fields | changes))


def test_the_medians_are_over_the_rounds_that_count():
    rounds = [figures_of(10.0), figures_of(900.0, lost=2), figures_of(20.0), figures_of(50.0)]
    found = part.median_figures(rounds)
    assert (found.mailed_per_second, found.decided_per_second, found.lost) == (20.0, 40.0, 2)
    assert found.cpu_ms == {"kafka": 5.0}
    assert found.rounds == [10.0, 20.0, 50.0]


def test_without_a_round_that_counts_there_are_no_figures():
    found = part.median_figures([figures_of(10.0, doubled=3)])
    assert (found.mailed_per_second, found.doubled) == (None, 3)
    assert found.not_run == "0 refused, 0 lost, 3 doubled"
