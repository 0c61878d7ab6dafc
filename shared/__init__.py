"""What every service needs and nothing else: events, delivery, storage, settings, observability."""
