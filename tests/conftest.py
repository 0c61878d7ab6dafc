"""Fixtures used everywhere."""

from hypothesis import settings

pytest_plugins = ["devstack.testing.pytest_plugin"]

# How long one example takes says more about a busy machine than about the code.
settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")
