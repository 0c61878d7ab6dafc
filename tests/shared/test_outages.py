"""An outage has a line when it begins, rare ones while it lasts, and one when it ends."""

import pytest
from pymongo.errors import AutoReconnect
from structlog.testing import capture_logs

from shared.errors import TransientError
from shared.outages import Outage, Outages

A_MINUTE = 60.0
AN_HOUR = 3600.0


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def outages(clock):
    return Outages(clock)


def an_error() -> TransientError:
    error = TransientError()
    error.__cause__ = AutoReconnect()
    return error


def test_an_hour_of_failures_has_a_handful_of_lines(outages, clock):
    with capture_logs() as logs, outages.waiting() as failed:
        for attempt in range(1, 721):
            failed(an_error(), attempt)
            clock.now += AN_HOUR / 720

    *lines, last = logs
    assert {each["event"] for each in lines} == {"dependency.unavailable"}
    assert [each["seconds"] for each in lines] == [0, 60, 180, 420, 900, 1860]
    assert {each["dependency"] for each in logs} == {"mongodb"}
    assert lines[0]["error"] == "AutoReconnect"
    assert (last["event"], last["seconds"]) == ("dependency.available", AN_HOUR)


def test_many_calls_that_wait_have_the_lines_of_one(outages, clock):
    with capture_logs() as logs, outages.waiting() as first, outages.waiting() as second:
        first(an_error(), 1)
        clock.now += 1
        second(an_error(), 1)
        first(an_error(), 2)

    assert [each["event"] for each in logs] == ["dependency.unavailable", "dependency.available"]


def test_an_outage_that_comes_again_and_again_is_not_news_each_time(outages, clock):
    with capture_logs() as logs:
        for _ in range(360):
            with outages.waiting() as failed:
                failed(an_error(), 1)
                clock.now += 1
            clock.now += 9

    assert len(logs) < 20


def test_an_outage_after_a_calm_hour_is_news(outages, clock):
    with capture_logs() as logs:
        for _ in range(3):
            with outages.waiting() as failed:
                failed(an_error(), 1)
                clock.now += 2 * A_MINUTE
            clock.now += AN_HOUR

    assert [each["event"] for each in logs] == [
        "dependency.unavailable",
        "dependency.available",
    ] * 3
    assert {each["seconds"] for each in logs} == {0, 2 * A_MINUTE}


def test_a_call_that_is_given_up_does_not_say_that_the_dependency_is_back(outages):
    def give_up() -> None:
        with outages.waiting() as failed:
            failed(an_error(), 1)
            raise ZeroDivisionError

    with capture_logs() as logs, pytest.raises(ZeroDivisionError):
        give_up()

    assert [each["event"] for each in logs] == ["dependency.unavailable"]


def test_dependencies_have_outages_of_their_own(outages):
    with capture_logs() as logs, outages.waiting() as failed:
        failed(an_error(), 1)
        failed(TransientError("no-leader"), 2)

    assert [(each["event"], each["dependency"]) for each in logs] == [
        ("dependency.unavailable", "mongodb"),
        ("dependency.unavailable", "other"),
        ("dependency.available", "mongodb"),
        ("dependency.available", "other"),
    ]
    assert logs[1]["reason"] == "no-leader"


def test_a_reason_is_logged_once_when_it_is_new(outages):
    with capture_logs() as logs, outages.waiting() as failed:
        for attempt, reason in enumerate(["connect-421", "starttls-454"] * 20, start=1):
            failed(TransientError(reason), attempt)

    assert [each.get("reason") for each in logs] == ["connect-421", "starttls-454", None]


def test_who_was_told_nothing_is_not_told_the_end():
    outage = Outage()

    assert outage.ends(1.0) is None
