"""An objection holds the award until somebody rules on it."""

import asyncio
from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from services.recognition.rules.scheme import load_scheme
from services.recognition.rules.steps import candidacy_status
from shared.events.casework import ObjectionReceived
from shared.events.envelope import Reason
from shared.events.intake import ApplicationAmended
from tests.factories import a_record
from tests.recognition.published import awards, decisions
from tests.recognition.rulings import RULINGS_TOPIC, a_candidacy, a_case, a_ruling, all_approved

DURING_THE_NOTICE = datetime(2025, 9, 17, 2, tzinfo=UTC)
AFTER_THE_NOTICE = datetime(2025, 10, 8, 2, tzinfo=UTC)
ANY_ID = "00000000-0000-0000-0000-000000000001"
OFFICERS = Reason("not-about-this-site", "file 7", "Not this site.", "並非此廠。", "并非此厂。")


def an_objection(application_id, objection_id="O-1"):
    return ObjectionReceived(
        application_id=application_id, objection_id=objection_id, received_at=DURING_THE_NOTICE
    )


def a_ruling_on(application_id, objection_id="O-1", ruling="approved", **changes):
    fields = {
        "notice_from": None,
        "notice_to": None,
        "ruled_at": AFTER_THE_NOTICE,
        "objection_id": objection_id,
    }
    return a_ruling(application_id, "notice-period", ruling, **{**fields, **changes})


async def in_notice(service):
    """Bring an application to its notice; return its id."""
    submission = a_candidacy()
    await service.handle(a_record(submission))
    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2025, 9, 17)
    await service.sweep()
    return submission.application_id


async def test_an_unresolved_objection_holds_the_award_after_the_notice_has_ended(service):
    application_id = await in_notice(service)
    await service.ruled(an_objection(application_id))

    [held] = decisions(await service.sweep())
    service.set_clock(2030, 1, 1)

    assert (held.outcome, held.step, held.objection_id) == ("referred", "notice-period", "O-1")
    assert [each.code for each in held.reasons] == ["objection-unresolved"]
    assert held.notice_ends_on == date(2025, 9, 19)
    assert await service.sweep() == []


async def test_an_objection_at_the_last_minute_stops_the_sweep_that_awards_at_midnight(service):
    application_id = await in_notice(service)
    service.set_clock(2025, 9, 19, 23, 59)
    await service.ruled(an_objection(application_id))
    service.set_clock(2025, 9, 20)

    assert awards(await service.sweep()) == []
    assert await service.sweep() == []


async def test_the_label_waits_until_everything_from_before_the_end_of_the_notice_is_read(service):
    await in_notice(service)
    asked, may_award = [], False

    async def has_read_until(moment):
        asked.append(moment)
        return may_award

    service._sweep.has_read_until = has_read_until  # noqa: SLF001
    service.set_clock(2025, 9, 20, 8)
    assert awards(await service.sweep()) == []
    may_award = True
    service.set_clock(2025, 9, 20, 9)

    assert len(awards(await service.sweep())) == 1
    assert set(asked) == {datetime(2025, 9, 19, 16, tzinfo=UTC)}  # midnight in Hong Kong


async def test_the_ruling_that_lifts_the_hold_names_the_objection_and_the_label_follows(service):
    application_id = await in_notice(service)
    await service.ruled(an_objection(application_id))
    await service.sweep()
    service.set_clock(2025, 10, 8, 10)
    await service.ruled(a_ruling_on(application_id, reasons=(OFFICERS,)))

    published = await service.sweep()

    [lifted], [label] = decisions(published), awards(published)
    assert (lifted.outcome, lifted.step, lifted.objection_id) == (
        "qualified",
        "notice-period",
        "O-1",
    )
    assert [each.code for each in lifted.reasons] == ["objection-dismissed", OFFICERS.code]
    assert label.valid_from == date(2025, 10, 8)  # the day on which everything was fulfilled


async def test_a_ruling_during_the_notice_leaves_the_end_of_the_notice_as_it_was(service):
    application_id = await in_notice(service)
    during = {"ruled_at": DURING_THE_NOTICE}
    await service.ruled(an_objection(application_id), a_ruling_on(application_id, **during))

    assert awards(await service.sweep()) == []
    service.set_clock(2025, 9, 20)
    [label] = awards(await service.sweep())
    assert label.valid_from == date(2025, 9, 20)


async def test_an_objection_that_is_upheld_closes_the_candidacy(service):
    application_id = await in_notice(service)
    await service.ruled(an_objection(application_id))
    await service.sweep()
    await service.ruled(a_ruling_on(application_id, ruling="refused"))

    [refused] = decisions(await service.sweep())
    service.set_clock(2030, 1, 1)

    assert (refused.outcome, refused.step) == ("not-qualified", "notice-period")
    assert await service.sweep() == []


async def test_every_objection_needs_its_own_ruling(service):
    application_id = await in_notice(service)
    await service.ruled(*(an_objection(application_id, each) for each in ("O-1", "O-2")))
    held = decisions(await service.sweep())
    service.set_clock(2025, 10, 8)
    await service.ruled(a_ruling_on(application_id, "O-2"))

    assert awards(await service.sweep()) == []
    await service.ruled(a_ruling_on(application_id, "O-1"))
    assert len(awards(await service.sweep())) == 1
    assert [each.objection_id for each in held] == ["O-1", "O-2"]


@pytest.mark.parametrize(
    "ruling",
    [
        {"objection_id": None},
        {"objection_id": None, "notice_from": date(2025, 9, 15)},
        {"objection_id": "O-2"},
    ],
)
async def test_a_ruling_that_does_not_name_the_objection_does_not_lift_the_hold(service, ruling):
    application_id = await in_notice(service)
    await service.ruled(an_objection(application_id), a_ruling_on(application_id, **ruling))
    service.set_clock(2026, 1, 1)

    assert awards(await service.sweep()) == []


async def test_a_ruling_on_an_objection_gives_no_notice():
    rulings = [each for each in all_approved(ANY_ID) if each.step != "notice-period"]
    case = a_case(*rulings, a_ruling_on(ANY_ID), objections=frozenset({"O-1"}))

    status = candidacy_status(case, load_scheme().procedure(2025), date(2026, 1, 1))

    assert (status.state, status.missing) == ("steps-missing", ("notice-period",))


async def test_an_amendment_does_not_get_around_an_objection(service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    await service.ruled(an_objection(submission.application_id))
    amended = ApplicationAmended(**{**dict(submission), "version": 2})
    await service.handle(a_record(amended))
    await service.ruled(*all_approved(submission.application_id, version=2))
    service.set_clock(2025, 10, 8)

    assert awards(await service.sweep()) == []
    await service.ruled(a_ruling_on(submission.application_id, version=2))
    assert len(awards(await service.sweep())) == 1


async def test_an_objection_after_the_award_changes_nothing(service):
    application_id = await in_notice(service)
    service.set_clock(2025, 9, 20)
    assert len(awards(await service.sweep())) == 1

    await service.ruled(an_objection(application_id))

    assert await service.sweep() == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_order_of_arrival_makes_no_difference(service, order):
    submission = a_candidacy()
    facts = [
        [a_record(submission)],
        [a_record(an_objection(submission.application_id), topic=RULINGS_TOPIC)],
        [
            a_record(each, topic=RULINGS_TOPIC)
            for each in (
                *all_approved(submission.application_id),
                a_ruling_on(submission.application_id),
            )
        ],
    ]
    for number in order:
        await service.handle(*facts[number])
    service.set_clock(2025, 10, 9)

    [label] = awards(await service.sweep())

    assert label.valid_from == date(2025, 10, 8)


async def test_a_repeated_objection_is_one_and_is_announced_with_the_same_bytes(instances):
    service = instances[0]
    application_id = await in_notice(service)
    await asyncio.gather(*(each.ruled(an_objection(application_id)) for each in instances))
    for each in instances:
        each.set_clock(2025, 9, 18)

    published = await asyncio.gather(*(each.sweep() for each in instances))

    held = [event for events in published for event in events]
    assert len({each.value for each in held}) == 1
    assert {dict(each.headers)["ce_id"] for each in held} == {dict(held[0].headers)["ce_id"]}


async def test_a_hold_and_its_end_are_shown_after_the_steps_in_their_order(service):
    application_id = await in_notice(service)
    await service.ruled(an_objection(application_id))
    await service.sweep()
    service.set_clock(2025, 10, 8)
    await service.ruled(a_ruling_on(application_id))
    await service.sweep()

    shown = await service.store.cases.decisions.of(application_id)

    assert [(each.step, each.outcome) for each in shown[-3:]] == [
        ("notice-period", "qualified"),
        ("notice-period", "referred"),
        ("notice-period", "qualified"),
    ]
