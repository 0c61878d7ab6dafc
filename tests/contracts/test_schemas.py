"""The events of today break no reader of an earlier release; the gate says what would."""

import pytest

from cli.api_docs.catalogue import event_modules, event_types, publications
from cli.api_docs.channels import channels
from devstack.servers.service import service_names
from shared.events.envelope import Attributes, EventData, Topic, recorded
from shared.events.rule_sets import RuleSetPublished
from tests.contracts.gate import Contract, breaks
from tests.contracts.releases import RELEASES, contracts
from tests.factories import NOW

OWNERS = {*service_names(), "casework"}  # which is no service yet


def contracts_of_today() -> dict[str, Contract]:
    places = channels()
    return {each.name: Contract(**places[each.name], data=each.schema) for each in event_types()}


@pytest.mark.parametrize("release", RELEASES)
def test_no_event_breaks_a_reader_of_an_earlier_release(release):
    assert breaks(contracts(release), contracts_of_today()) == []


def test_every_event_is_published_on_one_topic():
    """An event is what is about one application, or a rule set, as their parts are not."""
    events = [
        value
        for module in event_modules()
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, EventData)
        and value.__module__ == module.__name__
        and ("application_id" in value.model_fields or RuleSetPublished in value.__bases__)
    ]

    assert sorted(e.__name__ for e in events) == sorted(each.name for each in event_types())


def test_the_headers_of_the_contracts_are_those_that_are_written():
    attributes = Attributes("Type", "id", "owner", "00000000-0000", NOW, "00-trace")
    others = attributes._replace(traceparent="", about_application=False)

    for each in event_types():
        written = (attributes if each.is_about_application else others).headers()
        names = [name for name, _ in (*written, recorded(NOW))]
        assert list(channels()[each.name]["headers"]["properties"]) == names


def test_every_owner_has_at_most_one_module_and_topics_are_named_after_it():
    topics = [
        (module.__name__.rpartition(".")[2], value.name)
        for module in event_modules()
        for value in vars(module).values()
        if isinstance(value, Topic)
    ]

    assert {owner for owner, _ in topics} <= OWNERS
    assert all(topic.split(".")[0] == owner for owner, topic in topics)
    for module in event_modules():
        for each in publications(module):
            assert each.topic.name.split(".")[0] == module.__name__.rpartition(".")[2]
