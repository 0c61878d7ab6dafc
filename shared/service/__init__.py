"""A service's process: launch, HTTP application, health, lifespan, logs, memory.

Imported by `app.py`, `__main__.py` and the commands of services, and by the benchmark.
"""
