"""Which faults are played by whom: all of them only where `-m faults` asks for it."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long ones, and without infrastructure the short ones, too."""
    wanted = config.getoption("markexpr", "")
    without = [
        item
        for item in items
        if ("faults" not in wanted and item.get_closest_marker("faults"))
        or (config.getoption("--without-infrastructure") and item.get_closest_marker("plays"))
    ]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in without]
