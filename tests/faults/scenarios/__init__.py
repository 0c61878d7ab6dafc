"""The scenarios, one module for each kind of fault. Each module registers its own."""

import importlib
import pkgutil


def load() -> None:
    """Import every module here, so that all scenarios are registered."""
    for module in sorted(each.name for each in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
