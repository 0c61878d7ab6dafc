"""The transactional outbox: events stored beside their fact, relayed to Kafka.

Imported by services that publish what no topic redelivers.
"""
