"""Keys are on the partitions that every other Kafka client chooses."""

from aiokafka.partitioner import murmur2 as theirs
from hypothesis import given
from hypothesis import strategies as st

from shared.kafka.publisher import partition_of


@given(st.binary(max_size=80), st.integers(1, 50))
def test_a_key_is_on_the_partition_of_the_default_partitioner(key, partitions):
    assert partition_of(key, partitions) == (theirs(key) & 0x7FFFFFFF) % partitions


def test_more_partitions_move_keys_so_a_topic_keeps_its_number():
    keys = [f"application-{number}".encode() for number in range(100)]

    assert any(partition_of(key, 6) != partition_of(key, 12) for key in keys)
