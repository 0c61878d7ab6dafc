"""The generated contracts in `docs/` are current, valid and complete."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from cli.api_docs.asyncapi import asyncapi_document
from cli.api_docs.catalogue import event_types, readers
from cli.api_docs.examples import examples
from cli.api_docs.files import DOCS, generated, present
from devstack.servers.service import service_names
from shared.events.doors import at_doors

STANDARDS = Path(__file__).parent / "standards"
EVENTS = event_types()
EXAMPLES = [(each, name) for each in EVENTS for name in examples(each.name)]
IDS = [f"{each.name}-{name}" for each, name in EXAMPLES]


@pytest.fixture(scope="module")
def files():
    return generated()


@pytest.fixture(scope="module")
def asyncapi():
    return asyncapi_document()


def standard(name: str) -> dict[str, Any]:
    return json.loads((STANDARDS / name).read_text(encoding="utf-8"))


def test_the_committed_files_are_current(files):
    assert present() == files.keys(), "Run `make docs`."
    for name, text in files.items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"{name}: run `make docs`."


def test_the_asyncapi_document_is_valid(asyncapi):
    validator = jsonschema_rs.validator_for(standard("asyncapi-3.0.0.json"))

    assert [f"{e.instance_path}: {e.message[:200]}" for e in validator.iter_errors(asyncapi)] == []


def test_an_asyncapi_document_without_a_channels_messages_is_not_valid(asyncapi):
    validator = jsonschema_rs.validator_for(standard("asyncapi-3.0.0.json"))

    assert not validator.is_valid({**asyncapi, "operations": {"a": {"action": "tell"}}})


def test_every_reference_of_the_asyncapi_document_is_resolved(asyncapi):
    for reference in set(re.findall(r"'\$ref': '#/([^']+)'", repr(asyncapi))):
        place = asyncapi
        for part in reference.split("/"):
            assert part in place, reference
            place = place[part]


def test_the_asyncapi_document_says_who_publishes_and_who_reads(asyncapi):
    operations = asyncapi["operations"]

    assert {each.owner for each in EVENTS} == {
        name.partition(".")[0] for name, each in operations.items() if each["action"] == "send"
    }
    for service, reader in readers().items():
        read = {
            message["$ref"].rpartition("/")[2]
            for name, each in operations.items()
            if name.startswith(f"{service}.receives.")
            for message in each["messages"]
        }
        assert read == reader.event_types


@pytest.mark.parametrize("service", service_names())
def test_the_openapi_document_of_a_service_is_valid(files, service):
    document = json.loads(files[Path(f"api/openapi/{service}.json")])
    validator = jsonschema_rs.validator_for(standard("openapi-3.1.json"))

    assert document["openapi"].startswith("3.1.")
    assert [f"{e.instance_path}: {e.message[:200]}" for e in validator.iter_errors(document)] == []


def test_every_schema_is_a_json_schema():
    for each in EVENTS:
        jsonschema_rs.Draft202012Validator(each.schema)
        assert jsonschema_rs.meta.is_valid(each.schema)


@pytest.mark.parametrize(("event", "name"), EXAMPLES, ids=IDS)
def test_an_example_is_what_schema_and_readers_take(event, name):
    data = examples(event.name)[name]

    jsonschema_rs.Draft202012Validator(event.schema, validate_formats=True).validate(data)
    TypeAdapter(event.data).validate_json(json.dumps(data))


def test_the_examples_of_what_comes_through_doors_are_taken_there():
    for event, name in EXAMPLES:
        if event.owner in {"casework", "intake"}:
            data = json.dumps(examples(event.name)[name])
            TypeAdapter(at_doors(event.data)).validate_json(data)


def test_the_examples_state_every_field_of_every_event():
    stated: dict[str, set[str]] = {}
    for event, name in EXAMPLES:
        note(event.data.model_validate_json(json.dumps(examples(event.name)[name])), stated)

    _, schema = models_json_schema([(each.data, "validation") for each in EVENTS])
    missing = {
        name: fields
        for name, part in schema["$defs"].items()
        if name != "Reason" and (fields := part["properties"].keys() - stated.get(name, set()))
    }
    assert missing == {}


def note(value: Any, stated: dict[str, set[str]]) -> None:
    """Note the fields that are stated in a value, by the name of its type."""
    if isinstance(value, BaseModel):
        stated.setdefault(type(value).__name__, set()).update(value.model_fields_set)
        value = tuple(getattr(value, name) for name in value.model_fields_set)
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for each in value:
            note(each, stated)


def test_the_page_has_every_event_with_its_readers_and_an_example(files):
    page = files[Path("events.md")]
    for each in EVENTS:
        _, _, section = page.partition(f"\n## {each.name}\n")
        section = section.partition("\n## ")[0]
        assert each.when in section
        assert f"* **Topic**: `{each.topic.name}`" in section
        assert f"* **Read by**: {', '.join(each.readers) or 'nobody yet'}" in section
        assert "```json" in section


def test_the_page_links_to_parts_that_it_has(files):
    page = files[Path("events.md")]
    headings = {each.lower() for each in re.findall(r"^##+ (\w+)$", page, re.MULTILINE)}

    assert set(re.findall(r"\(#(\w+)\)", page)) <= headings


def test_amounts_have_their_unit(files):
    page = files[Path("events.md")]
    rows = [line for line in page.splitlines() if re.match(r"\| `\w+_cents`", line)]

    assert len(rows) >= 8
    assert all(row.endswith("| Hong Kong cents |") for row in rows)
