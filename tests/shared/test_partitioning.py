"""Keys belong where every other Kafka client looks for them."""

from aiokafka.partitioner import murmur2 as theirs
from hypothesis import given
from hypothesis import strategies as st

from shared.partitioning import murmur2, partition_of


@given(st.binary(max_size=80))
def test_the_hash_is_that_of_other_clients(key):
    assert murmur2(key) == theirs(key)


@given(st.binary(max_size=40), st.integers(1, 50))
def test_every_key_has_a_partition(key, partitions):
    assert 0 <= partition_of(key, partitions) < partitions
