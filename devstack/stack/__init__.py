"""Starts, watches and stops programs. Knows nothing of which programs they are."""
