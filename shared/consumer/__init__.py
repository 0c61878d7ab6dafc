"""The consumer: batches, retries, dead letters, breaker, commits.

Services import `consumer`, `handling` and `parsing`; `shared.service` imports the rest.
"""
