"""A service's process: launch, HTTP application, health, lifespan, logs, memory.

Imported by `app.py` and `__main__.py` of services, and by the benchmark.
"""
