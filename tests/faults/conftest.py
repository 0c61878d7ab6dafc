"""Selects scenarios: the full ones run only with `-m faults`, the short ones need servers."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the full scenarios, and the short ones as well if there are no servers."""
    selected_marks = config.getoption("markexpr", "")
    deselected = [
        item
        for item in items
        if ("faults" not in selected_marks and item.get_closest_marker("faults"))
        or (config.getoption("--without-infrastructure") and item.get_closest_marker("plays"))
    ]
    config.hook.pytest_deselected(items=deselected)
    items[:] = [item for item in items if item not in deselected]
