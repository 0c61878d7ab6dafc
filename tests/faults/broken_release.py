"""Starts a service whose handler always fails: `python -m tests.faults.broken_release MODULE`."""

import runpy
import sys
from importlib import import_module
from typing import Any, NoReturn


def fail(*_: Any) -> NoReturn:
    """Fail for every application, as a faulty release would."""
    raise KeyError


def main(module: str) -> None:
    """Replace the handler's `decide`, and start the service."""
    import_module(f"{module}.handlers").decide = fail  # type: ignore[attr-defined]
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
