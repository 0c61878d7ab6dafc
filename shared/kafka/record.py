"""The record as aiokafka gives it: undecoded key and value; and which records are read."""

from typing import Final

from aiokafka.structs import ConsumerRecord

COMMITTED_ONLY: Final = "read_committed"
"""The isolation level of every consumer: an aborted record never counts, an open one not yet."""

KafkaRecord = ConsumerRecord[bytes, bytes]
