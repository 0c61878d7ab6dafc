"""Selects scenarios: the full ones run only with `-m faults`."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the full scenarios unless they are asked for."""
    if "faults" in config.getoption("markexpr", ""):
        return
    deselected = [item for item in items if item.get_closest_marker("faults")]
    config.hook.pytest_deselected(items=deselected)
    items[:] = [item for item in items if item not in deselected]
