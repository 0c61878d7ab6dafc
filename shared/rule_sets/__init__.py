"""Publishes the rule set that a service decides by, so that nobody types an amount twice.

Imported by the wiring of services; knows nothing of their rules.
"""
