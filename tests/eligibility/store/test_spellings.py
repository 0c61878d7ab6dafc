"""One factory, however its number was typed, by this release or by an older one."""

import asyncio
import re
from datetime import UTC, date, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.credit_codes import credit_code
from services.eligibility.handlers import build_handler, ruling_by
from services.eligibility.rules.programme import load_programme
from services.eligibility.rules.repeat import Completion
from services.eligibility.store import spellings
from services.eligibility.store.store import Completed, EligibilityStore
from shared.identifiers import factory_key
from tests.factories import NOW, a_submission, an_event

PROGRAMME = load_programme()
CODE = credit_code(11)
SPELLINGS = (CODE, f"{CODE[:8]}-{CODE[8:]}", f"{CODE}--")
HONG_KONG = ("12345678-001", "12345678001", "12345678-001-05-26-9")
COMPLETION = Completion(date(2024, 7, 1), report_approved=True, recommended_measures=("Heat",))
# As release febde8d stored them; fields that no look-up reads are left out of the decision.
STORED_DECISION = {
    "_id": "00000000-0000-4000-8000-000000000001:1",
    "application_id": "00000000-0000-4000-8000-000000000001",
    "version": 1,
    "stream": "new-technology",
    "outcome": "eligible",
    "grant_cents": 70_000_000,
    "rule_version": "2026.11.1",
    "received_at": datetime(2026, 10, 1, tzinfo=UTC),
    "decided_at": datetime(2026, 10, 1, tzinfo=UTC),
    "factory_registration_number": SPELLINGS[1],
    "ruling_id": None,
    "traceparent": "",
}
STORED_COMPLETION = {
    "_id": "00000000-0000-5000-8000-000000000002",
    "stream": "assessment",
    "factory_registration_number": SPELLINGS[2],
    "completed_on": "2024-07-01",
    "report_approved": True,
    "recommended_measures": ["Heat"],
}


def new_store(database):
    return EligibilityStore(database, ruling_by(PROGRAMME))


@pytest.fixture
async def store(database):
    store = new_store(database)
    await store.prepare()
    return store


def submission(number, stream="new-technology", **more):
    return a_submission(stream, factory={"registration_number": number}, **more)


async def decided(store, *submissions):
    """Decide applications as one batch, and store the decisions; return their reasons."""
    events = [an_event(each) for each in submissions]
    decide = await build_handler(store, PROGRAMME, lambda: NOW).lookup(events)
    stored = await store.keep([decide(each) for each in events])
    return [{reason.code for reason in each.decision.reasons} for each in stored]


@pytest.mark.parametrize("typed", list(permutations(SPELLINGS)))
async def test_one_factory_gets_one_grant_however_its_number_is_typed(store, typed):
    decisions = [await decided(store, submission(each)) for each in typed]

    assert decisions[0] == [{"grant-is-share"}]
    assert all("another-case-open" in reasons for [reasons] in decisions[1:])


async def test_one_factory_of_one_batch_gets_one_grant(store):
    decisions = await decided(store, *(submission(each) for each in SPELLINGS))

    assert sum("another-case-open" in each for each in decisions) == 2


@pytest.mark.parametrize("typed", list(permutations(HONG_KONG, 2)))
async def test_a_hong_kong_factory_is_known_by_its_business_registration_and_branch(store, typed):
    first, second = (
        a_submission(
            "new-technology",
            factory={"registration_number": each, "place": "hong-kong"},
            connection={"ground": "2"},
        )
        for each in typed
    )

    assert await decided(store, first) == [{"grant-is-share"}]
    assert ["another-case-open" in each for each in await decided(store, second)] == [True]


@pytest.mark.parametrize("typed", list(permutations(SPELLINGS, 2)))
async def test_the_repeat_rule_finds_a_completion_however_its_number_is_typed(store, typed):
    await store.keep([Completed("an-earlier-case", "assessment", typed[0], COMPLETION)])

    [reasons] = await decided(store, submission(typed[1], "assessment"))

    assert "repeat-too-early" in reasons


async def test_what_was_typed_is_what_is_stored_and_announced(store):
    await decided(store, submission(SPELLINGS[1], application_id=STORED_DECISION["application_id"]))

    [decision] = await store.decisions.of(STORED_DECISION["application_id"])

    assert decision.factory_registration_number == SPELLINGS[1]


async def an_older_release_has_stored(database):
    await database["decisions"].insert_one(STORED_DECISION)
    await database["completions"].insert_one(STORED_COMPLETION)


async def history_of(store, number):
    case = (factory_key(number), "new-technology")
    found = await store.histories([case])
    return len(found.open_cases.get(case, ())), len(found.assessments.get(case[0], ()))


async def test_facts_of_an_older_release_are_found_after_an_upgrade(database):
    await an_older_release_has_stored(database)
    store = new_store(database)
    assert await history_of(store, CODE) == (0, 0)

    await store.prepare()

    assert await history_of(store, CODE) == (1, 1)
    [reasons] = await decided(store, submission(CODE))
    assert "another-case-open" in reasons


async def test_an_upgrade_changes_no_fact(database):
    await an_older_release_has_stored(database)

    await new_store(database).prepare()

    assert await database["decisions"].find().to_list(None) == [STORED_DECISION]
    assert await database["completions"].find().to_list(None) == [STORED_COMPLETION]


async def test_several_instances_upgrade_at_once_and_again_and_again(database):
    await an_older_release_has_stored(database)

    await asyncio.gather(*(new_store(database).prepare() for _ in range(5)))
    await new_store(database).prepare()

    assert await history_of(new_store(database), CODE) == (1, 1)
    assert await database["spellings"].count_documents({}) == 2


async def test_an_upgrade_that_was_killed_is_completed_at_the_next_start(database, monkeypatch):
    numbers = [credit_code(each) + "-" for each in range(1, 30)]
    await database["decisions"].insert_many(
        [
            {
                **STORED_DECISION,
                "_id": each,
                "application_id": each,
                "factory_registration_number": each,
            }
            for each in numbers
        ]
    )
    monkeypatch.setattr(spellings, "_BATCH", 10)
    keep, kept = spellings.MongoSpellings.keep, []

    async def is_killed(self, typed):
        if kept:
            raise KeyboardInterrupt
        kept.extend(typed)
        await keep(self, typed)

    with monkeypatch.context() as killing:
        killing.setattr(spellings.MongoSpellings, "keep", is_killed)
        with pytest.raises(KeyboardInterrupt):
            await new_store(database).prepare()
    assert await database["spellings"].count_documents({}) == 10

    store = new_store(database)
    await store.prepare()

    assert [await history_of(store, each) for each in numbers] == [(1, 0)] * len(numbers)


async def test_the_search_at_the_start_reads_the_index_alone(store, database):
    await database["decisions"].insert_many(
        [
            {**STORED_DECISION, "_id": f"{number}", "factory_registration_number": CODE}
            for number in range(100)
        ]
    )
    typed = {"factory_registration_number": {"$regex": spellings._OTHER_FORM}}  # noqa: SLF001  # what it asks for
    found = database["decisions"].find(typed, {"factory_registration_number": 1, "_id": 0})

    assert store
    assert (await found.explain())["executionStats"]["totalDocsExamined"] == 0


@given(
    st.from_regex(r"\A[0-9A-Z-]{8,20}\Z") | st.from_regex(r"\A[0-9]{8}([0-9]{3}(05[0-9]{3})?)?\Z")
)
def test_every_number_in_another_form_is_searched_for(typed):
    if factory_key(typed) not in {"", typed}:
        assert re.search(spellings._OTHER_FORM, typed)  # noqa: SLF001  # MongoDB's and Python's patterns agree here


async def test_the_look_up_of_a_factory_with_very_many_spellings_is_bounded(store):
    for number in range(30):
        typed = "-" * (number % 3) + CODE[: number % 18 + 1] + "-" + CODE[number % 18 + 1 :]
        await decided(store, submission(typed[:20]))

    found = await store.histories([(CODE, "new-technology")])

    assert 0 < len(found.open_cases[CODE, "new-technology"]) <= 20
