"""Some of the sample applications, on the topic of `intake`, so that `eligibility` decides them."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Final

from samples.generate import HERE
from shared.events.envelope import EventIdentity, Outgoing
from shared.events.intake import APPLICATIONS, ApplicationSubmitted
from tests.kafka import KafkaClient

NUMBER: Final = 100


def publish_applications(kafka: str) -> None:
    """Publish every tenth of the sample applications."""
    client = KafkaClient(kafka)
    for each in _records():
        client.write(each.topic, each.value, each.headers, each.key)


def _records() -> Iterator[Outgoing]:
    lines = (HERE / "applications.ndjson").read_text().splitlines()
    for index, line in enumerate(islice(lines, 0, None, len(lines) // NUMBER)):
        given = json.loads(line)
        data = {
            "application_id": f"7a1f0c52-6a8d-8b0f-9a52-{index:012x}",
            "version": 1,
            "application": given["application"],
            "received_at": given["received_at"],
        }
        event = ApplicationSubmitted.model_validate_json(json.dumps(data))
        kind, at = type(event).__name__, event.received_at
        identity = EventIdentity(kind, event.application_id, "", at)
        yield identity.record(APPLICATIONS, event.model_dump_json().encode())
