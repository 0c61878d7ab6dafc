import pytest

from bench.parts.notify import OURS, number_of_mails, rate_of, results_of, steady
from bench.report.results import MailRate, RateFigures
from bench.report.tables import format_number, mail_rates_table


def test_a_slow_mail_server_gets_as_many_mails_as_keep_it_busy_for_some_seconds():
    assert number_of_mails(6_000, 16, 0) == 6_000
    assert number_of_mails(6_000, 16, 100) == 1_280
    assert number_of_mails(500, 16, 10) == 500
    assert number_of_mails(3_000, 1, 10_000) == 12


@pytest.mark.parametrize("connections", [1, 4])
def test_the_rate_is_that_of_connections_which_wait_for_each_answer(connections):
    answer_seconds, answers = 0.25, 8
    arrivals = sorted([each * answer_seconds for each in range(answers)] * connections)

    assert rate_of(arrivals, connections) == connections / answer_seconds


def test_the_warm_up_does_not_count_against_a_slow_mail_server():
    late_start = [0.0, *(2.5 + each / 4 for each in range(40))]

    assert rate_of(steady(late_start), 1) == 4


def test_of_a_short_measurement_only_a_quarter_is_warm_up():
    assert steady([0.0, 0.1, 0.2, 0.3, 0.4]) == [0.2, 0.3, 0.4]


def test_the_results_show_full_speed_and_all_rates(make_results):
    figures = {
        (OURS, 0): RateFigures(what="the service", per_second=1_200.0),
        (OURS, 100): RateFigures(what="the service", per_second=155.0),
        ("script", 100): RateFigures(what="", not_run="no toolchain"),
    }

    results = make_results(**results_of(figures))

    assert results.notify == {OURS: figures[OURS, 0]}
    assert MailRate(sender="script", answer_ms=100) in results.mail_rates
    table = mail_rates_table(results.model_copy(update={"mail_connections": 16}))
    none = format_number(None)
    assert "| `ours` | 1,200 | 155 |" in table
    assert f"| `script` | {none} | {none} |" in table
    assert f"16 connections ÷ answer time | {none} | 160 |" in table
