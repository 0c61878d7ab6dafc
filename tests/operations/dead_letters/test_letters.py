from hypothesis import given
from hypothesis import strategies as st

from services.operations.dead_letters.letters import OTHER, REASONS, Count, Letters
from shared.consumer.dead_letters import REASONS as GIVEN_BY_CONSUMERS


def test_the_reasons_are_those_that_consumers_give():
    assert REASONS == GIVEN_BY_CONSUMERS


def test_every_reason_begins_at_nothing():
    assert Letters().counts() == {each: Count() for each in REASONS}


def test_redriven_and_parked_letters_are_subtracted_and_the_oldest_is_one_that_is_open():
    letters = Letters()
    for offset, time_ms in enumerate((100, 200, 300)):
        letters.add(0, offset, "invalid", time_ms)

    letters.act(0, 0, "parked")
    letters.act(0, 1, "redriven")

    assert letters.counts()["invalid"] == Count(open=1, redriven=1, parked=1, oldest_ms=300)


def test_a_parked_letter_can_be_redriven_after_all():
    letters = Letters()
    letters.add(0, 0, "invalid", 100)

    letters.act(0, 0, "parked")
    letters.act(0, 0, "redriven")

    assert letters.counts()["invalid"] == Count(redriven=1)


def test_an_action_counts_even_if_its_letter_is_read_later():
    letters = Letters()

    letters.act(0, 5, "parked")
    letters.add(0, 5, "invalid", 100)

    assert letters.counts()["invalid"] == Count(parked=1)


def test_a_letter_that_is_read_again_counts_once():
    letters = Letters()
    letters.add(0, 3, "invalid", 100)
    letters.add(0, 3, "invalid", 100)

    assert letters.counts()["invalid"].open == 1


def test_reasons_of_strangers_are_one_label():
    letters = Letters()
    letters.add(0, 0, "chan@example.com", 100)

    assert letters.counts()[OTHER] == Count(open=1, oldest_ms=100)
    assert letters.counts().keys() == {*REASONS, OTHER}


def test_letters_that_kafka_no_longer_holds_do_not_count():
    letters = Letters()
    for offset in range(4):
        letters.add(0, offset, "invalid", offset)

    letters.forget_before(0, 2)

    assert letters.counts()["invalid"] == Count(open=2, oldest_ms=2)
    letters.act(0, 0, "parked")
    assert letters.counts()["invalid"].open == 2


def test_gaps_between_offsets_are_no_letters():
    letters = Letters()
    letters.add(0, 2, "invalid", 100)
    letters.add(0, 7, "invalid", 200)

    letters.act(0, 4, "parked")

    assert letters.counts()["invalid"] == Count(open=2, oldest_ms=100)


def test_an_endless_gap_costs_no_memory():
    letters = Letters()
    letters.add(0, 0, "invalid", 100)
    letters.add(0, 10**12, "invalid", 200)

    assert letters.counts()["invalid"] == Count(open=1, oldest_ms=200)


_STEPS = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["open", "redriven", "parked"])))


@given(_STEPS)
def test_counts_are_those_of_each_letter_s_last_action(steps):
    letters, states, times = Letters(), {}, {}
    for offset in range(20):
        letters.add(0, offset, "invalid", (offset * 7) % 20)
        states[offset], times[offset] = "open", (offset * 7) % 20
    for offset, state in steps:
        letters.act(0, offset, state)
        if offset in states:
            states[offset] = state

    found = letters.counts()["invalid"]

    opened = [times[each] for each, state in states.items() if state == "open"]
    assert (found.open, found.oldest_ms) == (len(opened), min(opened, default=None))
    assert found.parked == [*states.values()].count("parked")
