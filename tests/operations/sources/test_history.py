import pytest

from services.operations.sources.history import KEPT_SECONDS, History
from services.operations.sources.targets import Target

A, B = Target("notify", "a:1"), Target("notify", "b:1")


def history(*looks):
    kept = History(look_seconds=5)
    for number, totals in enumerate(looks):
        kept.add(number * 5.0, totals, {})
    return kept


def test_a_rate_is_the_rise_of_all_processes_over_the_time():
    kept = history({A: {"mailed": 100}, B: {"mailed": 7}}, {A: {"mailed": 110}, B: {"mailed": 12}})

    assert kept.per_second("mailed", 5, 300) == 3
    assert kept.rise("mailed", 5, 300) == 15


def test_a_process_that_started_again_counts_from_0():
    kept = history({A: {"mailed": 100}}, {A: {"mailed": 4}})

    assert kept.rise("mailed", 5, 300) == 4


def test_a_process_that_appears_brings_no_rise_along():
    kept = history({A: {"mailed": 1}}, {A: {"mailed": 1}, B: {"mailed": 1000}})

    assert kept.rise("mailed", 5, 300) == 0


def test_what_nobody_reports_is_not_known_rather_than_0():
    kept = history({A: {"mailed": 1}}, {}, {})

    assert kept.per_second("mailed", 10, 300) is None


def test_what_happened_while_a_process_did_not_answer_counts_when_it_does():
    kept = history({A: {"mailed": 1}}, {}, {A: {"mailed": 5}})

    assert kept.rise("mailed", 10, 300) == 4
    assert kept.per_second("mailed", 10, 300) == 4 / 10


def test_what_happened_while_a_process_did_not_answer_is_spread_over_that_time():
    """Also beside another process that did, and beyond the time that is asked for."""
    away = [{B: {"mailed": 0}}] * 119

    kept = history({A: {"mailed": 0}, B: {"mailed": 0}}, *away, {A: {"mailed": 1200}})

    assert kept.per_second("mailed", 600, 300) == pytest.approx(1200 / 600)
    assert kept.rise("mailed", 600, 300) == 600


def test_memory_is_bounded():
    kept = history(*({A: {"mailed": each}} for each in range(1000)))

    assert len(kept.samples(4995)) == KEPT_SECONDS / 5


def test_a_process_that_is_no_target_any_longer_is_forgotten():
    kept = history({A: {"mailed": 1}})

    kept.forget([B])
    kept.add(5.0, {A: {"mailed": 9}}, {})

    assert kept.rise("mailed", 5, 300) == pytest.approx(0)
