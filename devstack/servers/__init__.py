"""Defines the programs of the stack: Kafka, MongoDB, the mail sink and the services."""
