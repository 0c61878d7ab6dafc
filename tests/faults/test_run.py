"""What counts as a recovery, and what a run reports if there is none."""

import time
from pathlib import Path

import pytest

from devstack.servers.addresses import Addresses
from tests.faults.environment import Environment
from tests.faults.run import Run

NOWHERE = Addresses("127.0.0.1:1", "mongodb://127.0.0.1:1", "smtp://127.0.0.1:1", Path("/nowhere"))


@pytest.fixture
def run():
    run = Run(Environment(None, NOWHERE), scale=0.1)
    yield run
    run.close()


def observe(run, *effects, undone=1):
    """Let the run observe these numbers of effects one after another, and the work left to do."""
    counts = iter(effects)
    last = effects[-1]
    run.progress.effects = lambda _service: next(counts, last)
    run.progress.undone = lambda _services: undone


@pytest.mark.parametrize(
    "effects", [(5, 5, 6), (None, None, 5, None, 5, 6)], ids=["known", "unknown for a while"]
)
def test_a_recovery_ends_with_the_first_new_effect(run, effects):
    observe(run, *effects)

    run.measure_recovery("eligibility", since=time.monotonic())

    assert len(run.measured.recoveries) == 1


def test_a_count_that_becomes_known_again_is_not_a_new_effect(run):
    observe(run, None, 5, undone=0)

    run.measure_recovery("eligibility", since=time.monotonic())

    assert run.measured.recoveries == run.measured.complaints == []


def test_a_service_without_a_new_effect_is_reported(run, monkeypatch):
    monkeypatch.setattr("tests.faults.run._RECOVERY_SECONDS", 0)
    observe(run, 5)

    run.measure_recovery("eligibility", since=time.monotonic())

    assert run.measured.complaints == ["eligibility had no new effect within 0 s"]


def test_a_fault_waits_for_effects_of_the_load(run):
    counts = iter([None, 0, 19, 20])
    run.progress.effects = lambda _service: next(counts)

    run.wait_for_effects("eligibility")

    assert list(counts) == run.measured.complaints == []


def test_a_run_settles_when_no_work_is_left(run):
    counts = iter([None, 3, 1, 0])
    run.progress.undone = lambda _services: next(counts)

    run.settle()

    assert run.measured.complaints == []


def test_a_run_without_progress_is_reported(run, monkeypatch):
    monkeypatch.setattr("tests.faults.run._STANDSTILL_SECONDS", 0)
    run.progress.undone = lambda _services: 7

    run.settle()

    assert run.measured.complaints == ["no progress: 7 items left to do"]


def test_counts_shrink_with_the_scale_but_not_to_nothing(run):
    assert (run.count(20_000), run.count(3), run.count(3, at_least=2)) == (2_000, 1, 2)
    assert run.is_short
