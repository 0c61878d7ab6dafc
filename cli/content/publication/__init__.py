"""Publishes a folder of content: what differs from the topic, and what came of it."""
