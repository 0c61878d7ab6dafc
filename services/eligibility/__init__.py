"""Funding: which phase, may they apply, how much, and why."""
