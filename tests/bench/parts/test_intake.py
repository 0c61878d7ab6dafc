from bench.parts.intake import combined
from bench.report.results import RequestFigures


def test_the_median_of_all_rounds_counts_and_every_round_is_kept():
    rounds = [
        RequestFigures(what="", per_second=rate, p99_ms=late)
        for rate, late in ((100.0, 50.0), (300.0, 20.0), (200.0, 30.0))
    ]

    found = combined(rounds)

    assert (found.per_second, found.p99_ms) == (200.0, 30.0)
    assert (found.rounds, found.p99_ms_of_rounds) == ([100.0, 300.0, 200.0], [50.0, 20.0, 30.0])


def test_a_round_in_which_something_was_refused_does_not_count():
    found = combined(
        [
            RequestFigures(what="", per_second=100.0),
            RequestFigures(what="", per_second=900.0, failed=1),
        ]
    )

    assert found.rounds == [100.0]
