"""Defines the programs of the stack: Kafka, MongoDB, the mail sink and the services.

Imported by `platform`, `testing` and the benchmark.
"""
