from bench.parts.latency import summarize


def test_samples_of_a_cold_broker_are_not_counted():
    figures = summarize("a latency", [1000.0] * 200 + [5.0] * 300)
    assert (figures.p50_ms, figures.p99_ms, figures.samples_ms) == (5.0, 5.0, [5.0] * 300)
