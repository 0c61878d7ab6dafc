"""The measuring of a run: what counts as a recovery, and what is told where there is none."""

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


def seen(run, *effects, undone=1):
    """Let the run see these numbers of effects one after another, and how much is left to do."""
    looks = iter(effects)
    last = effects[-1]
    run.progress.effects = lambda _service: next(looks, last)
    run.progress.undone = lambda _services: undone


@pytest.mark.parametrize(
    "effects", [(5, 5, 6), (None, None, 5, None, 5, 6)], ids=["known", "unknown for a while"]
)
def test_a_recovery_ends_with_the_first_new_effect(run, effects):
    seen(run, *effects)

    run.recover("eligibility", since=time.monotonic())

    assert len(run.measured.recoveries) == 1


def test_what_becomes_known_again_is_not_taken_for_new(run):
    seen(run, None, 5, undone=0)

    run.recover("eligibility", since=time.monotonic())

    assert run.measured.recoveries == run.measured.complaints == []


def test_a_service_that_does_nothing_new_is_told(run, monkeypatch):
    monkeypatch.setattr("tests.faults.run._RECOVERY_SECONDS", 0)
    seen(run, 5)

    run.recover("eligibility", since=time.monotonic())

    assert run.measured.complaints == ["eligibility did nothing new within 0 s"]


def test_a_run_settles_when_nothing_is_left_to_do(run):
    left = iter([None, 3, 1, 0])
    run.progress.undone = lambda _services: next(left)

    run.settle()

    assert run.measured.complaints == []


def test_a_run_in_which_nothing_moves_any_more_is_told(run, monkeypatch):
    monkeypatch.setattr("tests.faults.run._STANDSTILL_SECONDS", 0)
    run.progress.undone = lambda _services: 7

    run.settle()

    assert run.measured.complaints == ["7 things are left undone"]


def test_counts_shrink_with_the_scale_but_not_to_nothing(run):
    assert (run.count(20_000), run.count(3), run.count(3, at_least=2)) == (2_000, 1, 2)
    assert run.is_short
