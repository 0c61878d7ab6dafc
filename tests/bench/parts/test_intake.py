from bench.parts.intake import median_figures
from bench.report.results import RequestFigures


def test_the_figures_have_the_medians_and_all_rounds():
    rounds = [
        RequestFigures(what="", per_second=rate, p99_ms=p99)
        for rate, p99 in ((100.0, 50.0), (300.0, 20.0), (200.0, 30.0))
    ]

    figures = median_figures(rounds)

    assert (figures.per_second, figures.p99_ms) == (200.0, 30.0)
    assert (figures.rounds, figures.p99_ms_of_rounds) == ([100.0, 300.0, 200.0], [50.0, 20.0, 30.0])


def test_a_round_with_a_refused_request_does_not_count():
    figures = median_figures(
        [
            RequestFigures(what="", per_second=100.0),
            RequestFigures(what="", per_second=900.0, failed=1),
        ]
    )

    assert figures.rounds == [100.0]
