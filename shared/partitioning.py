"""Which partition a key belongs to: as every Kafka client has it by default (murmur2)."""

from typing import Final

from murmurhash2 import murmurhash2

_SEED: Final = 0x9747B28C


def partition_of(key: bytes, partitions: int) -> int:
    """Tell the partition of a key on a topic with so many partitions."""
    return (murmurhash2(key, _SEED) & 0x7FFFFFFF) % partitions
