"""Accepts applications: durably, once, and whether Kafka is up or not."""
