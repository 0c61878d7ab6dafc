"""Keys are on the partitions that every other Kafka client chooses."""

from aiokafka.partitioner import murmur2 as theirs
from hypothesis import given
from hypothesis import strategies as st

from shared.kafka.publisher import partition_of


@given(st.binary(max_size=80), st.integers(1, 50))
def test_a_key_is_on_the_partition_of_the_default_partitioner(key, partitions):
    assert partition_of(key, partitions) == (theirs(key) & 0x7FFFFFFF) % partitions
