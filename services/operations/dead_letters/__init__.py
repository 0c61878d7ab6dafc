"""Counts the dead letters of every group, less those that somebody redrove or parked."""
