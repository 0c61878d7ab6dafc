"""The record as aiokafka gives it: undecoded key and value."""

from aiokafka.structs import ConsumerRecord

Record = ConsumerRecord[bytes, bytes]
