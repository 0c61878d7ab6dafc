"""What every service needs and nothing else: events, delivery, storage, settings, observability."""

__version__ = "0.1.0"
