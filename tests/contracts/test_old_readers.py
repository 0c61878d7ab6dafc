"""The events of today are read by the services of earlier releases, new fields included."""

import json
import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import ValidationError

from cli.api_docs.catalogue import EventType, event_types
from cli.api_docs.examples import examples
from shared.errors import MalformedRecordError
from tests.contracts.generated import FromSchema
from tests.contracts.releases import RELEASES, reader, unpack_source

EVENTS = event_types()
GENERATED_OF_EACH = 20


@pytest.fixture(scope="module", params=RELEASES)
def read(request, tmp_path_factory):
    """Return a function that tells what the services of a release cannot read."""
    folder = tmp_path_factory.mktemp("source")
    unpack_source(request.param, folder)

    def refusals(events: list[tuple[str, Any]]) -> list[str]:
        lines = [json.dumps({"type": name, "value": json.dumps(data)}) for name, data in events]
        done = subprocess.run(  # noqa: S603 - a script of our own
            [sys.executable, reader(request.param)],
            cwd=folder,
            env={"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
            input="\n".join(lines),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return refusals


def generated(event: EventType) -> list[Any]:
    """Make documents from the schema of an event, of which some may break its rules."""
    made: list[Any] = []

    @settings(
        max_examples=GENERATED_OF_EACH,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(document=FromSchema(event.schema).of(event.schema))
    def collect(document: Any) -> None:
        made.append(document)

    collect()
    return made


def is_read_today(event: EventType, data: Any) -> bool:
    """Return whether every service of today that reads the event takes these data."""
    value = json.dumps(data).encode()
    try:
        for service in event.readers:
            import_module(f"services.{service}.handlers").PARSERS[event.name](value)
    except (ValidationError, MalformedRecordError):
        return False
    return True


def test_every_example_is_read_by_the_services_of_an_earlier_release(read):
    events = [(each.name, data) for each in EVENTS for data in examples(each.name).values()]

    assert len(events) >= len(EVENTS)
    assert read(events) == []


def test_what_is_read_today_is_read_by_the_services_of_an_earlier_release(read):
    events = [
        (each.name, data)
        for each in EVENTS
        for data in generated(each)
        if is_read_today(each, data)
    ]

    assert {name for name, _ in events} == {each.name for each in EVENTS}
    assert read(events) == []


def test_release_0_1_0_reads_no_objections(read):
    """What a downgrade needs to know: `docs/upgrading.md`."""
    assert read([("ObjectionReceived", "not even an object")]) == []


def test_a_value_that_an_earlier_release_does_not_know_is_noticed(read):
    [data] = examples("EligibilityDecided").values()
    later = {**data, "stream": "later"}

    assert read([("EligibilityDecided", later)]) == [
        f"{service}: EligibilityDecided: ('stream',): literal_error"
        for service in ("notify", "reconciliation")
    ]
