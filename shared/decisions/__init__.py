"""Decisions: model, rule files, store, events, routes, metrics. Imported by services that decide."""
