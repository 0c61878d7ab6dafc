"""Decisions: model, rule files, store, events, routes, metrics. For services that decide."""
