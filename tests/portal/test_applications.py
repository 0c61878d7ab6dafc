"""Applications and decisions on a real MongoDB: whatever the order, the same numbers."""

import random
from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from services.portal.statistics.counting import Statistics
from services.portal.statistics.entries import entry_of
from services.portal.statistics.store import MongoApplications
from services.portal.statistics.tally import Cell, added
from shared.events.intake import ApplicationAmended, ApplicationWithdrawn
from tests.examples import example_of
from tests.factories import A_MINUTE, NOW, a_submission, an_application, an_event

ID = str(uuid4())
GRANT = 45_000_00


def submitted(application_id=ID, **changes):
    return a_submission(application_id=application_id, **changes)


def amended(version, **changes):
    return ApplicationAmended(
        application_id=ID,
        version=version,
        received_at=NOW,
        application=an_application("demonstration", **changes),
    )


def withdrawn(version):
    return ApplicationWithdrawn(application_id=ID, version=version, withdrawn_at=NOW)


def decided(version=1, outcome="eligible", application_id=ID, **changes):
    fields = {
        "application_id": application_id,
        "version": version,
        "outcome": outcome,
        "grant_cents": {"eligible": GRANT, "ineligible": 0, "referred": None}[outcome],
        "phase": "4",
        "ruling_id": None,
        "decided_at": NOW,
    }
    return example_of("EligibilityDecided").model_copy(update=fields | changes)


def checked(version=1, outcome="qualified", step=None, **changes):
    fields = {"application_id": ID, "version": version, "outcome": outcome, "step": step}
    return example_of("RecognitionDecided").model_copy(
        update=fields | {"decided_at": NOW, "objection_id": None} | changes
    )


def entries(*data):
    return [entry_of(an_event(each)) for each in data]


async def counted(applications):
    return added([await applications.tally(each) for each in await applications.marks()])


A_CENTURY = timedelta(days=36_500)
CASES = {
    "approved": ([submitted(), decided()], "stream", "assessment", Cell(1, 1, cents=GRANT)),
    "phase": ([submitted(), decided()], "phase", "4", Cell(1, 1, cents=GRANT)),
    "decided without its application": ([decided()], "stream", "assessment", None),
    "not yet decided": ([submitted()], "phase", "no-phase", Cell(1)),
    "refused": (
        [submitted(), decided(outcome="ineligible")],
        "stream",
        "assessment",
        Cell(1, 0, 1),
    ),
    "referred": ([submitted(), decided(outcome="referred")], "stream", "assessment", Cell(1)),
    "a ruling holds, also with an earlier time": (
        [
            submitted(),
            decided(outcome="referred"),
            decided(ruling_id="1", grant_cents=7, decided_at=NOW - A_CENTURY),
        ],
        "stream",
        "assessment",
        Cell(1, 1, cents=7),
    ),
    "of two rulings the later": (
        [
            submitted(),
            decided(ruling_id="1", grant_cents=7, decided_at=NOW),
            decided(ruling_id="0", grant_cents=8, decided_at=NOW + A_MINUTE),
        ],
        "stream",
        "assessment",
        Cell(1, 1, cents=8),
    ),
    "amended after its approval": (
        [submitted(), decided(), amended(2)],
        "stream",
        "demonstration",
        Cell(1),
    ),
    "approved in its second version": (
        [submitted(), decided(), amended(2), decided(2, grant_cents=9)],
        "stream",
        "demonstration",
        Cell(1, 1, cents=9),
    ),
    "withdrawn": (
        [submitted(), decided(), amended(2), withdrawn(3)],
        "stream",
        "demonstration",
        Cell(1, withdrawn=1),
    ),
    "a candidacy": (
        [submitted(stream="recognition"), checked(), checked(step="on-site-assessment")],
        "category",
        "partner-manufacturing",
        Cell(1),
    ),
    "a refused candidacy": (
        [
            submitted(stream="recognition"),
            checked(step="document-check", outcome="not-qualified"),
            checked(step="on-site-assessment", decided_at=NOW + A_MINUTE),
        ],
        "category",
        "partner-manufacturing",
        Cell(1, 0, 1),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_every_order_and_repeats_give_the_same_numbers(database, case):
    facts, table, code, cell = case
    applications = MongoApplications(database)

    for order in permutations(entries(*facts)):
        await database.drop_collection("applications")
        for each in (*order, order[0]):
            await applications.keep([each])

        found = await counted(applications)
        assert found.tables[table].get(code) == cell
        assert found.applications == bool(cell)


async def test_batches_of_many_applications_add_up(any_database):
    applications = MongoApplications(any_database)
    ids = [str(uuid4()) for _ in range(60)]
    cities = ("Dongguan", "佛山", "Zhuhai")
    facts = [
        *(submitted(each, factory={"city": cities[n % 3]}) for n, each in enumerate(ids)),
        *(decided(application_id=each) for each in ids[::2]),
        *(decided(application_id=each, outcome="ineligible") for each in ids[1::4]),
    ]
    batch = entries(*facts, *facts[::3])
    random.Random(1).shuffle(batch)

    await applications.keep(batch[:50])
    await applications.keep(batch[50:])

    found = await counted(applications)
    assert found.tables["industry"] == {"textiles": Cell(60, 30, 15, 0, 30 * GRANT)}
    assert {k: v.applications for k, v in found.tables["place"].items()} == {
        "dongguan": 20,
        "foshan": 20,
        "zhuhai": 20,
    }
    assert found.tables["month"].keys() == {"2026-11"}
    assert (found.applications, found.decisions) == (60, 45)


async def test_nothing_to_keep_writes_nothing(database):
    applications = MongoApplications(database)

    await applications.keep([])

    assert await applications.marks() == {}


async def test_numbers_stay_while_the_read_model_is_rebuilt(database):
    applications = MongoApplications(database)
    ids = [str(uuid4()) for _ in range(40)]
    batch = entries(
        *map(submitted, ids), *(decided(application_id=each) for each in ids), submitted()
    )
    statistics = Statistics(applications, 1, lambda: NOW)
    await applications.keep(batch)
    await statistics.refresh()
    before = statistics.tally

    for name in ("applications", "marks"):
        await database.drop_collection(name)
    for each in batch[::-1]:
        await applications.keep([each])
        await statistics.refresh()
        assert statistics.tally.tables["stream"] == before.tables["stream"]

    new = str(uuid4())
    await applications.keep(entries(submitted(new)))
    while statistics.tally == before:
        await statistics.refresh()
    assert statistics.tally.applications == len(batch) - len(ids) + 1
