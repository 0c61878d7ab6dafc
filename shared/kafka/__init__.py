"""Kafka without a consumer group: publish, read, create topics.

Imported by services, `cli`, and the other packages of `shared` that use Kafka.
"""
