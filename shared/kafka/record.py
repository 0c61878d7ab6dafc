"""The record as aiokafka gives it: undecoded key and value."""

from aiokafka.structs import ConsumerRecord

KafkaRecord = ConsumerRecord[bytes, bytes]
