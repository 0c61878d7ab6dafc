import pytest

from bench.harness.percentiles import percentile


def test_one_slow_value_in_a_hundred_is_above_the_99th_percentile():
    assert percentile([1000.0, *[5.0] * 100], 99) == 5.0


@pytest.mark.parametrize(("percent", "expected"), [(50, 50.5), (99, 99.01)])
def test_a_percentile_is_interpolated_between_two_values(percent, expected):
    assert percentile(range(100, 0, -1), percent) == expected
