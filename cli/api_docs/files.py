"""The files of the generated contracts."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cli.api_docs.asyncapi import asyncapi_document
from cli.api_docs.catalogue import event_types
from cli.api_docs.channels import channels
from cli.api_docs.events_page import page
from cli.api_docs.openapi import openapi_documents
from devstack.stack.program import PROJECT

DOCS: Final = PROJECT / "docs"
GENERATED: Final = ("api/*.json", "api/openapi/*.json", "api/schemas/*.json", "events.md")


def generated() -> Mapping[Path, str]:
    """Return the text of every generated file, by its path inside `docs/`."""
    schemas = {f"api/schemas/{each.name}.json": _json(each.schema) for each in event_types()}
    services = {f"api/openapi/{name}.json": _json(d) for name, d in openapi_documents().items()}
    texts = {
        "api/asyncapi.json": _json(asyncapi_document()),
        "api/channels.json": _json(channels()),
        "events.md": page(),
        **schemas,
        **services,
    }
    return {Path(name): text for name, text in texts.items()}


def present() -> set[Path]:
    """Return the paths of the generated files that are in `docs/` now."""
    return {each.relative_to(DOCS) for glob in GENERATED for each in DOCS.glob(glob)}


def write() -> None:
    """Write every file anew, and remove those that are no longer generated."""
    texts = generated()
    for name in present() - texts.keys():
        (DOCS / name).unlink()
    for name, text in texts.items():
        (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(text, encoding="utf-8")


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
