"""When the breaker trips."""

from hypothesis import given
from hypothesis import strategies as st

from shared.consumer.breaker import WINDOW, Breaker

GOOD, BAD = False, True


def test_one_more_than_the_limit_in_a_row_trips_it_and_the_limit_itself_does_not():
    breaker = Breaker(in_a_row=3, share=1)

    assert not breaker.trips([BAD] * 3)
    assert breaker.trips([BAD] * 4)


def test_a_row_goes_on_from_batch_to_batch_and_ends_with_a_good_record():
    breaker = Breaker(in_a_row=3, share=1)
    breaker.count([GOOD, BAD, BAD])

    assert breaker.trips([BAD, BAD])
    assert not breaker.trips([BAD, GOOD, BAD, BAD])
    breaker.count([GOOD])
    assert not breaker.trips([BAD] * 3)


def test_a_batch_that_was_only_checked_is_not_counted():
    breaker = Breaker(in_a_row=3, share=1)
    breaker.trips([BAD, BAD])

    assert not breaker.trips([BAD, BAD])


def test_a_share_of_the_last_thousand_trips_it_however_it_is_spread():
    breaker = Breaker(in_a_row=WINDOW, share=0.25)
    for _ in range(25):
        breaker.count([GOOD] * 30 + [BAD] * 10)

    assert breaker.trips([BAD])
    breaker.count([GOOD] * 40)
    assert not breaker.trips([BAD])


@given(st.lists(st.lists(st.booleans(), max_size=30), max_size=30))
def test_the_size_of_batches_makes_no_difference(batches):
    together, apart = Breaker(5, 0.3), Breaker(5, 0.3)
    together.count([each for batch in batches for each in batch])
    for batch in batches:
        apart.count(batch)

    assert [together.trips([BAD] * n) for n in range(7)] == [
        apart.trips([BAD] * n) for n in range(7)
    ]
