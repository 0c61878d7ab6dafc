"""Every event that an earlier release published is read by the services of today."""

import json
import re

import jsonschema_rs
import pytest

from services.eligibility import handlers as eligibility
from services.notify import handlers as notify
from services.recognition import handlers as recognition
from services.reconciliation import handlers as reconciliation
from shared.consumer.parsing import parse_all
from shared.events.casework import RULINGS
from shared.events.intake import CONTACTS
from tests.contracts.releases import RELEASES, contracts, recorded_events, schemas
from tests.factories import raw_record

READERS = {
    "eligibility": eligibility.PARSERS,
    "notify": notify.PARSERS,
    "recognition": recognition.PARSERS,
    "reconciliation": reconciliation.PARSERS,
}


@pytest.mark.parametrize("release", RELEASES)
def test_every_event_type_of_a_release_is_recorded(release):
    recorded = recorded_events(release)

    assert {each.type for each in recorded if each.value is not None} == set(schemas(release))
    assert [each.topic for each in recorded if each.value is None] == [CONTACTS.name]


@pytest.mark.parametrize("release", RELEASES)
def test_recorded_events_are_what_the_contracts_of_their_release_say(release):
    promised = contracts(release)
    for each in recorded_events(release):
        if each.value is not None:
            contract = promised[each.type]
            headers = {name: value.decode() for name, value in each.headers}
            assert each.topic == contract.topic
            assert re.search(contract.key, each.key.decode())
            if each.topic == RULINGS.name:  # most were written by a test, in the name of intake
                headers["ce_source"] = "casework"
            jsonschema_rs.Draft202012Validator(contract.headers).validate(headers)
            assert headers.keys() <= contract.headers["properties"].keys()
            jsonschema_rs.Draft202012Validator(contract.data).validate(json.loads(each.value))


@pytest.mark.parametrize("service", READERS)
@pytest.mark.parametrize("release", RELEASES)
def test_a_service_reads_every_recorded_event(release, service):
    wanted = [each for each in recorded_events(release) if each.type in READERS[service]]

    records = [raw_record(e.value, e.headers, topic=e.topic, key=e.key) for e in wanted]
    batch = parse_all(records, READERS[service])

    assert wanted
    assert [f"{each.record.value!r}: {each.error}" for each in batch.dead_letters] == []
    assert [event.type for event in batch.events] == [each.type for each in wanted]
