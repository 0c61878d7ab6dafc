from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bench.harness.contender import CONTENDERS
from bench.harness.effects import Decided
from bench.harness.process import Usage
from bench.harness.run import Watch, cpu_us_per_event, span
from bench.parts.pipeline import summary
from bench.report.results import PipelineFigures, RequestFigures, Results, Round, load, write
from bench.report.targets import TARGETS, Outcome, against, outcomes

OURS = CONTENDERS[0]


def a_round(**changes):
    fields = {
        "events": 1_000,
        "ended": "finished",
        "events_per_second": 100.0,
        "cpu_us_per_event": 50.0,
        "peak_rss_mb": 80.0,
        "first_effect_seconds": 1.0,
        "seconds": 10.0,
        "lost": 0,
        "doubled": 0,
        "wrong": 0,
        "repeated": 0,
        "dead_letters": 0,
    }
    return Round(**(fields | changes))


def results(**parts):
    now = datetime(2026, 11, 1, tzinfo=UTC)
    return Results(plan="quick", measured_at=now, commit="c", machine={}, versions={}, **parts)


def test_a_contender_is_summed_up_by_its_medians_and_its_most_memory():
    speeds, peaks = (100.0, 300.0, 200.0), (80.0, 90.0, 85.0)
    rounds = [
        a_round(events_per_second=speed, peak_rss_mb=peak)
        for speed, peak in zip(speeds, peaks, strict=True)
    ]
    found = summary(OURS, rounds)
    assert (found.events_per_second, found.best_events_per_second) == (200.0, 300.0)
    assert found.peak_rss_mb == 90.0


def test_a_round_that_lost_something_does_not_count_for_speed_but_for_loss():
    rounds = [a_round(), a_round(events_per_second=900.0, lost=3)]
    found = summary(OURS, rounds)
    assert (found.events_per_second, found.lost) == (100.0, 3)


def test_what_the_poisoned_run_lost_and_doubled_is_told():
    found = summary(OURS, [a_round()], a_round(lost=5, doubled=2, ended="stuck"))
    assert (found.lost, found.doubled) == (5, 2)


def test_without_a_good_round_there_is_no_speed():
    found = summary(OURS, [a_round(wrong=1, last_words="what it said")])
    assert found.events_per_second is None
    assert "what it said" in found.not_run


def decided_at(*moments):
    return [Decided(str(n), str(n), "eligible", 0, (), at) for n, at in enumerate(moments)]


def test_the_first_batch_does_not_count_as_its_beginning_is_not_known():
    assert span(decided_at(1_000, 1_000, 1_500, 3_000), 0) == (2, 2.0)


def test_events_that_warm_up_do_not_count():
    assert span(decided_at(0, 0, 1_000, 2_000), 2) == (1, 1.0)


def test_nothing_decided_has_no_speed():
    assert span([], 0) == (0, 0.0)


def a_watch(before, since, until):
    watch = Watch(process=None, effects=None, assignment=None)
    watch.before, watch.since, watch.until = (
        (events, Usage(cpu_seconds, 0)) for events, cpu_seconds in (before, since, until)
    )
    return watch


def test_an_event_costs_what_was_used_between_the_first_effect_and_the_last():
    assert cpu_us_per_event(a_watch((0, 1.0), (1_000, 2.0), (11_000, 2.5))) == 50.0


def test_a_run_that_is_over_before_half_of_it_was_seen_counts_from_before_its_first_effect():
    assert cpu_us_per_event(a_watch((0, 1.0), (6_000, 1.4), (10_000, 1.5))) == 50.0


def test_a_run_without_effects_cost_nothing():
    watch = a_watch((0, 0.0), (0, 0.0), (0, 0.0))
    watch.since = None
    assert cpu_us_per_event(watch) == 0.0


def test_results_are_read_as_they_were_written(tmp_path):
    written = results(pipeline={"ours": PipelineFigures(what="we", events_per_second=1.0)})
    write(written, tmp_path / "results.json")
    assert load(tmp_path / "results.json") == written


def test_a_part_that_is_not_known_is_an_error():
    with pytest.raises(ValidationError):
        results(others={})


def test_a_ratio_is_of_ours_to_theirs():
    pipeline = {
        "ours": PipelineFigures(what="", events_per_second=300.0),
        "quix": PipelineFigures(what="", events_per_second=100.0),
    }
    assert against("quix")(results(pipeline=pipeline)) == 3.0


def test_a_target_whose_contender_was_not_run_is_neither_met_nor_missed():
    pipeline = {
        "ours": PipelineFigures(what="", events_per_second=300.0),
        "quix": PipelineFigures(what="", not_run="no toolchain"),
    }
    assert all(each.met is None for each in outcomes(results(pipeline=pipeline)))


def test_an_upper_bound_is_met_from_below():
    (target,) = [each for each in TARGETS if each.what.endswith("by one, p99")]
    assert Outcome(target, 0.4).met
    assert not Outcome(target, 0.6).met


def test_a_lower_bound_is_met_from_above():
    (target,) = [each for each in TARGETS if "bulk" in each.what]
    intake = {
        "bulk": RequestFigures(what="", per_second=400.0),
        "single": RequestFigures(what="", per_second=100.0),
    }
    assert Outcome(target, target.figure(results(intake=intake))).met
    assert not Outcome(target, 3.9).met
