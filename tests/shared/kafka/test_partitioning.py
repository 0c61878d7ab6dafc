"""Keys belong where every other Kafka client looks for them."""

from aiokafka.partitioner import murmur2 as theirs
from hypothesis import given
from hypothesis import strategies as st

from shared.kafka.publisher import partition_of


@given(st.binary(max_size=80), st.integers(1, 50))
def test_a_key_belongs_where_other_clients_look_for_it(key, partitions):
    assert partition_of(key, partitions) == (theirs(key) & 0x7FFFFFFF) % partitions
