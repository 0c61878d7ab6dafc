"""Kafka without a consumer group: publish, read, create topics. The inside of it is aiokafka."""
