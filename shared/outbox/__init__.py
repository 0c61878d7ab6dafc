"""The transactional outbox: events stored beside their fact, relayed to Kafka."""
