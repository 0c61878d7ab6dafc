"""A service says when it becomes ready, and when it no longer is."""

from structlog.testing import capture_logs

from shared.service.readiness_log import ReadinessLog

A_LOOK = 5.0


def lines_of(looks: list[list[str]]) -> list[dict]:
    now = 0.0
    with capture_logs() as logs:
        readiness = ReadinessLog(lambda: now)
        for waiting_for in looks:
            readiness.look(waiting_for, {})
            now += A_LOOK
    return logs


def test_a_start_is_one_line_when_it_is_ready():
    [line] = lines_of([["kafka"], [], []])

    assert (line["event"], line["seconds"]) == ("service.ready", A_LOOK)


def test_a_check_that_fails_once_is_no_news():
    assert len(lines_of([[], ["kafka"], [], ["kafka"], []])) == 1


def test_a_wait_has_a_line_at_its_begin_and_one_at_its_end():
    _, begin, end = lines_of([[], ["kafka"], ["kafka"], ["kafka", "mongodb"], []])

    assert (begin["event"], begin["waiting_for"]) == ("service.waiting", ["kafka"])
    assert (end["event"], end["seconds"]) == ("service.ready", 2 * A_LOOK)


def test_a_start_that_waits_says_for_what():
    [line] = lines_of([["kafka"], ["kafka"], ["kafka"]])

    assert (line["event"], line["waiting_for"]) == ("service.waiting", ["kafka"])
