"""What this service asks others in the background: the services, and Prometheus' alerts."""
