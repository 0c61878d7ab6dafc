from services.operations.sources.lag import GroupLag, LagSeen, read_lag
from shared.lag.model import Group, Lags, PartitionLag

NOW = 1000.0


def lag(group, *partitions):
    rows = [
        PartitionLag(group.name, "t", number, 0, records, written)
        for number, (records, written) in enumerate(partitions)
    ]
    return read_lag(Lags(17.0, [group], rows), NOW).groups[group.name]


def test_a_group_is_as_late_as_its_latest_partition():
    late = lag(Group("notify", 3, registered=True), (0, None), (7, NOW - 70), (2, NOW - 5))

    assert late == GroupLag(records=9, seconds=70, members=3)


def test_a_group_that_has_read_everything_is_not_late():
    assert lag(Group("notify", 3), (0, None)).seconds == 0


def test_a_record_that_could_not_be_read_makes_the_age_unknown_rather_than_0():
    assert lag(Group("notify", 3), (0, None), (7, None)).seconds is None
    assert lag(Group("notify", 3), (1, NOW - 70), (7, None)).seconds == 70, "at least"


def test_nothing_is_known_of_a_group_that_has_nothing_to_read():
    assert lag(Group("tried", 0)) == GroupLag(None, None, 0, is_registered=False)


def test_it_says_when_it_was_read():
    assert read_lag(Lags(17.0), NOW) == LagSeen({}, 17.0)
