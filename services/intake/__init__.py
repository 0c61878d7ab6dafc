"""Accepts applications durably and exactly once, also while Kafka is down."""
