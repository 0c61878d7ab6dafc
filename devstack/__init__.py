"""The embedded stack: real Kafka, real MongoDB, a mail sink, and the services, run together."""
