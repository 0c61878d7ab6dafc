"""Which rule set is in force, and that it is published once for each time it takes effect."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import orjson
import pytest

from services.eligibility.rule_set import rule_set_of
from services.eligibility.rules.programme import load_programme
from shared.errors import AbandonedError, SetupError
from shared.events.envelope import Topic
from shared.kafka.publisher import open_publisher
from shared.kafka.topics import provide_topics
from shared.metrics import Metrics
from shared.rule_sets.publication import RuleSetPublication
from shared.rule_sets.store import COLLECTION, MongoRuleSets
from shared.settings import KafkaSettings
from tests.factories import NOW
from tests.in_memory import FakePublisher
from tests.kafka import KafkaClient
from tests.waiting import eventually_async

SHIPPED = load_programme()


def version(name: str, **changes):
    return rule_set_of(SHIPPED.model_copy(update={"version": name, **changes}))


def publication(database, rule_set, *, now=NOW):
    return RuleSetPublication(database, rule_set, Metrics("eligibility"), lambda: now)


async def started(database, rule_set, publisher, *, now=NOW) -> None:
    """Do what an instance does at its start."""
    starting = publication(database, rule_set, now=now)
    await starting.prepare()
    await starting.publish(publisher, asyncio.Event())


def told(publisher):
    """Return the versions that took effect, as a reader learns them: the one in force last."""
    data = {
        datetime.fromisoformat(orjson.loads(each.value)["in_force_from"]): each.key.decode()
        for each in publisher.events
    }
    return [data[since] for since in sorted(data)]


@pytest.fixture
def publisher():
    return FakePublisher()


async def test_a_version_is_published_once_however_often_instances_start(any_database, publisher):
    for day in range(3):
        await started(any_database, version("1"), publisher, now=NOW + timedelta(days=day))

    assert told(publisher) == ["1"]
    assert orjson.loads(publisher.events[0].value)["in_force_from"] == "2026-11-02T01:30:00Z"


async def test_a_roll_back_is_told_as_the_version_that_is_in_force_again(any_database, publisher):
    for name in ("1", "2", "1", "1"):
        await started(any_database, version(name), publisher)

    assert told(publisher) == ["1", "2", "1"]
    ids = [dict(each.headers)["ce_id"] for each in publisher.events]
    assert len(set(ids)) == 3


async def test_instances_that_start_at_once_put_one_rule_set_in_force(any_database, publisher):
    await asyncio.gather(*(started(any_database, version("1"), publisher) for _ in range(5)))

    assert told(publisher) == ["1"]
    assert len({(each.value, each.headers[1]) for each in publisher.events}) == 1


async def test_instances_of_two_versions_that_start_at_once_are_told_one_after_the_other(
    any_database, publisher
):
    await asyncio.gather(
        *(started(any_database, version(name), publisher) for name in ("1", "2", "1", "2"))
    )

    stored = [each async for each in any_database[COLLECTION].find().sort("_id")]
    assert {each["version"] for each in stored} == {"1", "2"}
    assert told(publisher) == [each["version"] for each in stored]


async def test_a_version_with_other_terms_is_refused_before_anything_is_decided_by_it(
    any_database, publisher
):
    await started(any_database, version("1"), publisher)
    await started(any_database, version("2"), publisher)
    other = version("1", repeat=SHIPPED.repeat.model_copy(update={"years": 4}))

    with pytest.raises(SetupError, match="Must have a new version") as refused:
        await started(any_database, other, publisher)

    assert "'1'" in str(refused.value)
    assert "2026-11-02T01:30:00" in str(refused.value)
    assert told(publisher) == ["1", "2"]


async def test_other_sentences_of_a_release_are_published_under_the_same_version(
    any_database, publisher
):
    first = version("1")
    corrected = replace(first, reasons=(first.reasons[0].model_copy(update={"en": "Corrected."}),))

    await started(any_database, first, publisher)
    await started(any_database, corrected, publisher)

    assert told(publisher) == ["1", "1"]


async def test_what_a_crash_left_unpublished_the_next_start_publishes_with_the_same_bytes(
    any_database, publisher
):
    await publication(any_database, version("1")).prepare()  # and dies
    later = NOW + timedelta(hours=1)
    crashed = publication(any_database, version("2"), now=later)
    await crashed.prepare()
    dying = FakePublisher()
    waiting = await MongoRuleSets(any_database[COLLECTION]).unpublished()
    await dying.publish([event for each in waiting for event in each.events])

    await started(any_database, version("2"), publisher, now=later)
    await started(any_database, version("2"), publisher, now=later)

    assert told(publisher) == ["1", "2"]
    assert publisher.events == dying.events


async def test_a_clock_that_is_behind_puts_no_rule_set_in_force_before_the_one_it_follows(
    any_database, publisher
):
    await started(any_database, version("1"), publisher)
    await started(any_database, version("2"), publisher, now=NOW - timedelta(days=1))

    since = [orjson.loads(each.value)["in_force_from"] for each in publisher.events]
    assert since == ["2026-11-02T01:30:00Z", "2026-11-02T01:30:00.001000Z"]


async def test_while_kafka_is_away_it_waits_and_the_next_start_publishes(any_database, publisher):
    starting, closing = publication(any_database, version("1")), asyncio.Event()
    publisher.is_down = True
    await starting.prepare()
    waiting = asyncio.create_task(starting.publish(publisher, closing))
    await eventually_async(lambda: publisher.attempts > 1)
    closing.set()
    with pytest.raises(AbandonedError):
        await waiting
    publisher.is_down = False

    await started(any_database, version("1"), publisher)

    assert told(publisher) == ["1"]


async def test_until_its_topic_exists_it_waits(database, infra):
    """As where operators create topics, and have not created this one yet."""
    settings = KafkaSettings(bootstrap_servers=infra.kafka_bootstrap_servers)
    rule_set = replace(version("1"), topic=Topic(f"eligibility.test-{uuid4().hex[:12]}.v1"))
    starting = publication(database, rule_set)
    await starting.prepare()

    async with open_publisher(settings) as publisher:
        waiting = asyncio.create_task(starting.publish(publisher, asyncio.Event()))
        assert await publisher.is_reachable()
        assert not waiting.done()
        await provide_topics(settings, [rule_set.topic])
        await waiting

    [record] = KafkaClient(infra.kafka_bootstrap_servers).read(rule_set.topic.name)
    assert record.key() == b"1"


async def test_work_beside_the_consumer_waits_until_the_rule_set_is_in_force(any_database):
    done = []

    async def work(_publisher, _closing) -> None:
        done.append(await any_database[COLLECTION].count_documents({}))

    await publication(any_database, version("1")).before(work)(FakePublisher(), asyncio.Event())

    assert done == [1]


async def test_what_is_to_be_prepared_comes_after_the_rule_set(any_database):
    done = []

    async def prepare() -> None:
        done.append(await any_database[COLLECTION].count_documents({}))

    await publication(any_database, version("1")).first(prepare)()

    assert done == [1]
