import pytest

from bench.harness.percentiles import percentile
from bench.parts.latency import figures


def test_what_waits_for_a_cold_broker_is_not_counted():
    found = figures("a wait", [1000.0] * 200 + [5.0] * 300)
    assert (found.p50_ms, found.p99_ms, found.samples_ms) == (5.0, 5.0, [5.0] * 300)


def test_one_late_answer_in_a_hundred_is_beyond_the_99th_percentile():
    assert percentile([1000.0, *[5.0] * 100], 99) == 5.0


@pytest.mark.parametrize(("percent", "expected"), [(50, 50.5), (99, 99.01)])
def test_a_percentile_lies_between_the_two_values_around_it(percent, expected):
    assert percentile(range(100, 0, -1), percent) == expected
