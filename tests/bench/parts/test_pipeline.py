from bench.harness.contender import ELIGIBILITY
from bench.parts.pipeline import summarize
from bench.report.results import Round


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


def test_the_summary_has_the_median_speed_and_the_peak_memory():
    speeds, peaks = (100.0, 300.0, 200.0), (80.0, 90.0, 85.0)
    rounds = [
        a_round(events_per_second=speed, peak_rss_mb=peak)
        for speed, peak in zip(speeds, peaks, strict=True)
    ]
    figures = summarize(ELIGIBILITY, rounds)
    assert (figures.events_per_second, figures.best_events_per_second) == (200.0, 300.0)
    assert figures.peak_rss_mb == 90.0


def test_the_loss_of_a_round_counts_but_its_speed_does_not():
    rounds = [a_round(), a_round(events_per_second=900.0, lost=3)]
    figures = summarize(ELIGIBILITY, rounds)
    assert (figures.events_per_second, figures.lost) == (100.0, 3)


def test_losses_and_duplicates_of_the_run_with_bad_records_count():
    figures = summarize(ELIGIBILITY, [a_round()], a_round(lost=5, doubled=2, ended="stuck"))
    assert (figures.lost, figures.doubled) == (5, 2)


def test_without_a_correct_round_the_summary_has_the_log_and_no_speed():
    figures = summarize(ELIGIBILITY, [a_round(wrong=1, last_words="an error in the log")])
    assert figures.events_per_second is None
    assert "an error in the log" in figures.not_run
