"""Dry runs: what the rules say to answers, without a factory's history; nothing is kept."""
