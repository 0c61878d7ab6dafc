"""A service's process: launch, HTTP application, health, lifespan, logs, memory."""
