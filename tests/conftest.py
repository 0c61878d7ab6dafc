"""Fixtures used everywhere."""

pytest_plugins = ["devstack.pytest_plugin"]
