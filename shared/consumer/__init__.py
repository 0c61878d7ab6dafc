"""The consumer: batches of records handled with retries, dead letters, breaker and commits."""
