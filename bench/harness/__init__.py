"""Runs a contender on a fresh stack, observes it from outside, and checks its effects.

Imported by the parts, the report and `python -m bench`.
"""
