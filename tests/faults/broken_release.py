"""Starts a service with a broken handler: `python -m tests.faults.broken_release MODULE`."""

import runpy
import sys
from importlib import import_module
from typing import Any, NoReturn


def decide_wrongly(*_: Any) -> NoReturn:
    """Fail for every application, as a bad release would."""
    raise KeyError


def main(module: str) -> None:
    """Put the mistake in, and start the service."""
    import_module(f"{module}.handlers").decide = decide_wrongly  # type: ignore[attr-defined]
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
