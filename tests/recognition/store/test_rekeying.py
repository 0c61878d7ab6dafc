"""Labels are found by their numbers however these are typed, also those of release 0.1.0."""

import asyncio
from uuid import UUID, uuid5

import pytest

from services.recognition.rules.history_file import COLUMNS, read_history
from services.recognition.store.labels import MongoLabels
from services.recognition.store.rekeying import Rekeying
from services.recognition.store.store import open_store

HISTORY_IDS = UUID("3b0f1a52-9f0c-5d0c-8a4e-2f6f3f6b1d90")
APPLICATION_ID = "383dd6c4-d698-8d4c-899f-4659b671ad9c"
# As release 0.1.0 stored them.
AWARD = {
    "_id": APPLICATION_ID,
    "number": "GDHK-2025-12345678-40",
    "application_id": APPLICATION_ID,
    "version": 1,
    "certificate_number": "GDHK-2025-12345678-40",
    "category": "partner-manufacturing",
    "enterprise_name": "Bright Textiles Limited",
    "business_registration_number": "12345678",
    "round_year": 2025,
    "valid_from": "2025-11-01",
    "valid_to": "2027-10-31",
    "rule_version": "2026.11.1",
    "awarded_at": None,
    "traceparent": "",
}


def old_label(identity, *, number=None, holder=None, **changes):
    label = {
        "_id": str(uuid5(HISTORY_IDS, identity)),
        "round_year": 2018,
        "category": "partner-manufacturing",
        "enterprise_name": "Old Mill (Dongguan) Ltd.",
        "business_registration_number": holder,
        "certificate_number": number,
        "valid_from": None,
        "valid_to": None,
        "source": "S2",
        **changes,
    }
    return {**label, "number": number} if number else label


NUMBERED = old_label("number/CP-2018/001", number="CP-2018/001")
BY_NUMBER_OF_ENTERPRISE = old_label(
    "2018/partner-supply-chain/12345678", holder="12345678", category="partner-supply-chain"
)
BY_NAME = old_label(
    "2018/partner-technology-service/Old Mill (Dongguan) Ltd.",
    category="partner-technology-service",
)
CLAIMED = [
    {"_id": "GDHK-2025-12345678-40", "owner": APPLICATION_ID},
    {"_id": "CP-2018/001", "owner": NUMBERED["_id"]},
    {"_id": "GDHK-2026-00000001-11", "owner": "an application whose award is not stored yet"},
]


@pytest.fixture
async def stored(database):
    """A database as release 0.1.0 left it."""
    await database["awards"].insert_one(AWARD)
    await database["history"].insert_many([NUMBERED, BY_NUMBER_OF_ENTERPRISE, BY_NAME])
    await database["numbers"].insert_many(CLAIMED)
    return database


async def content(database):
    """Return what labels say, without their keys."""
    return [
        {name: value for name, value in each.items() if name not in {"_id", "number"}}
        for collection in ("awards", "history")
        for each in await database[collection].find().sort("category").to_list(None)
    ]


def lines_of(*rows):
    lines = [
        ",".join(COLUMNS),
        *(",".join(row.get(name) or "" for name in COLUMNS) for row in rows),
    ]
    return [f"{each}\n" for each in lines]


async def imported(database, *rows):
    """Import rows; return what became of each."""
    read = read_history(lines_of(*({**row, "round_year": "2018"} for row in rows)))
    assert read.errors == []
    return await open_store(database).history.keep(list(read.labels.values()))


@pytest.mark.parametrize(
    ("typed", "holder"),
    [
        ("GDHK-2025-12345678-40", "Bright Textiles Limited"),
        ("gdhk 2025 12345678 40", "Bright Textiles Limited"),
        ("GDHK20251234567840", "Bright Textiles Limited"),
        ("GDHK\u20102025\u201112345678\u221240", "Bright Textiles Limited"),
        ("CP-2018/001", "Old Mill (Dongguan) Ltd."),
        ("cp 2018-001", "Old Mill (Dongguan) Ltd."),
    ],
)
async def test_a_certificate_of_an_older_release_is_found_however_it_is_typed(
    stored, typed, holder
):
    labels = MongoLabels(stored)
    await labels.prepare()

    found = await labels.certificate(typed)

    assert found
    assert found.enterprise_name == holder


async def test_what_labels_say_stays_as_it_was(stored):
    before = await content(stored)

    await MongoLabels(stored).prepare()

    assert await content(stored) == before
    assert await MongoLabels(stored).certificate("--") is None


@pytest.mark.parametrize("row", [NUMBERED, BY_NUMBER_OF_ENTERPRISE, BY_NAME])
async def test_a_file_imported_before_the_upgrade_is_known_after_it(stored, row):
    await MongoLabels(stored).prepare()

    assert await imported(stored, row) == ["known"]
    assert await stored["history"].count_documents({}) == 3


@pytest.mark.parametrize(
    "row",
    [
        {**NUMBERED, "certificate_number": "cp 2018 001"},
        {**NUMBERED, "certificate_number": "CP2018001"},
        {**BY_NAME, "enterprise_name": "OLD MILL (Dongguan) LTD"},
    ],
)
async def test_a_label_typed_otherwise_is_the_same_label(stored, row):
    await MongoLabels(stored).prepare()

    assert await imported(stored, row) == ["known"]
    assert await imported(stored, {**row, "source": "S9"}) == ["changed"]
    assert await stored["history"].count_documents({}) == 3


async def test_a_number_that_is_reserved_or_awarded_stays_with_its_owner(stored):
    await MongoLabels(stored).prepare()

    owners = {each["_id"]: each["owner"] for each in await stored["numbers"].find().to_list(None)}

    assert owners["GDHK20251234567840"] == APPLICATION_ID
    assert owners["GDHK20260000000111"] == "an application whose award is not stored yet"
    assert await imported(stored, {**NUMBERED, "certificate_number": "gdhk-2025-12345678-40"}) == [
        "changed"
    ]


async def test_several_instances_upgrade_at_once_and_again(stored):
    await asyncio.gather(*(MongoLabels(stored).prepare() for _ in range(5)))
    await MongoLabels(stored).prepare()

    assert await stored["history"].count_documents({}) == 3
    assert await stored["numbers"].count_documents({}) == 6


@pytest.mark.parametrize("step", ["_numbers", "_awards", "_history", "_is_stored"])
async def test_an_upgrade_that_is_killed_is_completed_at_the_next_start(stored, monkeypatch, step):
    work = getattr(Rekeying, step)

    async def is_killed(self, *arguments):
        await work(self, *arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as killing:
        killing.setattr(Rekeying, step, is_killed)
        with pytest.raises(KeyboardInterrupt):
            await MongoLabels(stored).prepare()

    await MongoLabels(stored).prepare()

    assert await stored["history"].count_documents({}) == 3
    assert await imported(stored, NUMBERED, BY_NAME, BY_NUMBER_OF_ENTERPRISE) == ["known"] * 3


async def test_two_labels_that_only_their_hyphens_told_apart_both_stay(stored):
    other = {**NUMBERED, "enterprise_name": "New Mill", "certificate_number": "CP2018001"}
    await stored["history"].insert_one({**other, "_id": "other", "number": "CP2018001"})

    for _ in range(2):
        await MongoLabels(stored).prepare()

    assert await stored["history"].count_documents({"number": "CP2018001"}) == 2


def test_lines_of_one_file_that_differ_in_typing_alone_agree():
    rows = [
        {**NUMBERED, "round_year": "2018"},
        {**NUMBERED, "round_year": "2018", "certificate_number": "cp 2018 001"},
    ]
    wrong = {**rows[1], "source": "S9"}

    assert read_history(lines_of(*rows)).errors == []
    assert len(read_history(lines_of(rows[0], wrong)).errors) == 1


@pytest.mark.parametrize("number", ["----", "/", "\u2014"])
def test_a_certificate_number_has_a_letter_or_a_digit(number):
    row = {**NUMBERED, "round_year": "2018", "certificate_number": number}

    [error] = read_history(lines_of(row)).errors

    assert "certificate_number" in error
    assert "a letter or a digit" in error
