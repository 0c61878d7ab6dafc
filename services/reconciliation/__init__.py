"""Finds applications without a decision, and decisions without a notification."""
