"""The offsets that a member commits."""

from aiokafka import TopicPartition

from shared.consumer.positions import next_offsets
from tests.factories import raw_record

HERE, OTHER = TopicPartition("intake.applications.v1", 0), TopicPartition("other", 0)


def test_the_offset_after_the_last_record_of_each_partition_is_committed():
    records = [raw_record(b"", offset=4), raw_record(b"", offset=5), raw_record(b"", topic="other")]

    assert next_offsets(records, {}, {}) == {HERE: 6, OTHER: 1}


def test_a_position_behind_markers_is_committed_with_and_without_records():
    records = [raw_record(b"", offset=4)]

    assert next_offsets(records, {HERE: 7, OTHER: 3}, {}) == {HERE: 7, OTHER: 3}
    assert next_offsets([], {HERE: 7}, {HERE: 5}) == {HERE: 7}


def test_a_position_that_was_set_back_meanwhile_does_not_take_back_what_was_handled():
    assert next_offsets([raw_record(b"", offset=4)], {HERE: 0}, {}) == {HERE: 5}


def test_what_is_committed_already_is_not_committed_again():
    assert next_offsets([], {HERE: 7, OTHER: 0}, {HERE: 7}) == {}
