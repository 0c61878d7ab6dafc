"""Decisions: their model, store, events, routes and metrics. Imported by services that decide."""
