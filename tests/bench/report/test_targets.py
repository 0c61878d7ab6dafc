import pytest

from bench.report.results import MailRate, PipelineFigures, RequestFigures
from bench.report.targets import TARGETS, TargetResult, evaluate_targets, throughput_ratio


def test_the_throughput_ratio_divides_ours_by_the_contenders(make_results):
    pipeline = {
        "ours": PipelineFigures(what="", events_per_second=300.0),
        "quix": PipelineFigures(what="", events_per_second=100.0),
    }
    assert throughput_ratio("quix")(make_results(pipeline=pipeline)) == 3.0


def test_a_target_without_a_measured_contender_is_neither_met_nor_missed(make_results):
    pipeline = {
        "ours": PipelineFigures(what="", events_per_second=300.0),
        "quix": PipelineFigures(what="", not_run="no toolchain"),
    }
    assert all(each.met is None for each in evaluate_targets(make_results(pipeline=pipeline)))


def test_a_value_below_an_upper_bound_meets_the_target():
    (target,) = [each for each in TARGETS if each.description.endswith("by one, p99")]
    assert TargetResult(target, 0.4).met
    assert not TargetResult(target, 0.6).met


def test_a_value_above_a_lower_bound_meets_the_target(make_results):
    (target,) = [each for each in TARGETS if "bulk" in each.description]
    intake = {
        "bulk": RequestFigures(what="", per_second=400.0),
        "single": RequestFigures(what="", per_second=100.0),
    }
    assert TargetResult(target, target.figure(make_results(intake=intake))).met
    assert not TargetResult(target, 3.9).met


@pytest.mark.parametrize(
    ("own", "at_10_ms", "at_100_ms", "expected"),
    [(2_000, 1_440, 144, [0.9, 0.9]), (1_000, 900, 160, [0.9, 1.0])],
)
def test_mail_rates_are_compared_with_the_limit_of_the_connections_or_with_our_own_rate(
    make_results, own, at_10_ms, at_100_ms, expected
):
    rates = [
        MailRate(sender=sender, answer_ms=answer_ms, per_second=rate)
        for sender, answer_ms, rate in [
            ("ours", 0, own),
            ("ours", 10, at_10_ms),
            ("ours", 100, at_100_ms),
            ("a-script", 10, 1.0),
        ]
    ]
    results = make_results(mail_rates=rates, mail_connections=16)

    figures = {each.target.description: each.measured for each in evaluate_targets(results)}

    measured = [figures[each] for each in figures if "mail server of" in each]
    assert measured == [expected[1], None, expected[0]]
