"""The OpenAPI documents of all services."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from devstack.servers.service import own_settings, service_names
from devstack.stack.folder import StackFolder


def openapi_documents() -> dict[str, dict[str, Any]]:
    """Return the document of each service, as the service itself serves it."""
    return {name: _document(name) for name in service_names()}


def _document(service: str) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        stack = StackFolder(Path(folder))
        stack.create()
        with _environment(own_settings(service, stack)):
            app = import_module(f"services.{service}.app").create_app()
    document: dict[str, Any] = app.openapi()
    return document


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Add settings that have no default; those that are there stay as they are."""
    missing = {name: value for name, value in settings.items() if name not in os.environ}
    os.environ.update(missing)
    try:
        yield
    finally:
        for name in missing:
            del os.environ[name]
