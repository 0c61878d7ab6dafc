"""Events on Kafka, one module for each owner; nothing is re-exported here."""
