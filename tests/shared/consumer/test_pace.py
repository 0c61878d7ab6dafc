"""When a member asks for records at once, and when it lets the broker gather them."""

from shared.consumer.pace import IDLE, Pace

BATCH = 500


def fetching_after(*polls: int):
    pace = Pace(BATCH, gather_seconds=0.05)
    for each in polls:
        pace.polled(each)
    return pace.fetching


def test_an_idle_member_waits_long_for_the_first_record():
    assert fetching_after() is fetching_after(0) is fetching_after(3, 3, 0) is IDLE
    assert (IDLE.least_bytes, IDLE.wait_ms) == (1, 500)


def test_a_record_now_and_then_is_never_held_back():
    assert fetching_after(1).least_bytes == fetching_after(1, 0, 1).least_bytes == 1


def test_records_that_follow_each_other_are_gathered():
    gathering = fetching_after(1, 1)

    assert gathering.least_bytes > 100_000
    assert gathering.wait_ms == 50
    assert gathering.poll_ms > gathering.wait_ms, "the poll must not end before its fetch"


def test_a_backlog_is_read_without_waiting():
    assert fetching_after(1, 1, BATCH).least_bytes == 1
    assert fetching_after(BATCH, BATCH).wait_ms <= 50
