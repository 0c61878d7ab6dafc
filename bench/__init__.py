"""Benchmarks: the platform beside its alternatives, on the same work. Nothing imports it."""
