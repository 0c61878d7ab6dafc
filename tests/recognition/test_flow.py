"""From application and rulings to label and expiry, on a real database."""

import asyncio
import random
from collections import Counter
from datetime import UTC, date, datetime

import orjson
import pytest

from services.recognition.rules.certificate_number import Numbering
from shared.errors import TransientError
from shared.events.recognition import LabelExpired
from tests.factories import a_record
from tests.in_memory import InMemoryPublisher
from tests.mongo import counted_operations
from tests.recognition.published import awards, decisions, kinds
from tests.recognition.rulings import a_candidacy, a_ruling, all_approved

NUMBERING = Numbering("GDHK-{year}-{serial}-{check}")


async def test_every_step_is_announced_with_the_next_then_the_label(service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2025, 9, 20)

    published = await service.sweep()

    assert kinds(published) == ["RecognitionDecided"] * 5 + ["LabelAwarded"]
    assert [(each.step, each.next_step) for each in decisions(published)] == [
        ("document-check", "on-site-assessment"),
        ("on-site-assessment", "joint-committee"),
        ("joint-committee", "violation-check"),
        ("violation-check", "notice-period"),
        ("notice-period", None),
    ]
    days = [each.next_step_by for each in decisions(published)]
    assert days == [*[date(2025, 11, 19)] * 2, *[date(2025, 10, 21)] * 2, None]
    notice = decisions(published)[-1]
    assert (notice.notice_ends_on, notice.notice_calendar) == (date(2025, 9, 19), "mainland")
    assert all(each.key == submission.application_id.encode() for each in published)


async def test_a_label_has_its_own_number_and_expires_automatically(service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2025, 9, 20)
    [label] = awards(await service.sweep())

    assert (label.category, label.enterprise_name, label.round_year) == (
        "partner-manufacturing",
        "Bright Textiles Limited",
        2025,
    )
    assert (label.valid_from, label.valid_to) == (date(2025, 9, 20), date(2027, 9, 19))
    assert label.certificate_number == NUMBERING.number(2025, submission.application_id)

    service.set_clock(2027, 9, 19, 23, 59)
    assert await service.sweep() == []
    service.set_clock(2027, 9, 20)
    [end] = await service.sweep()
    expired = LabelExpired.model_validate_json(end.value, extra="forbid")
    assert (expired.certificate_number, expired.valid_to) == (
        label.certificate_number,
        label.valid_to,
    )
    assert await service.sweep() == []


async def test_a_label_of_the_first_round_is_awarded_by_the_calendars_of_its_year(service):
    submission = a_candidacy(datetime(2009, 9, 15, 2, tzinfo=UTC))
    [decided] = decisions(await service.handle(a_record(submission)))
    days = {"notice_from": date(2009, 9, 28), "notice_to": None}
    ruled_at = datetime(2009, 9, 25, 2, tzinfo=UTC)
    await service.ruled(*all_approved(submission.application_id, ruled_at=ruled_at, **days))

    published = await service.sweep()

    assert (decided.outcome, decided.round_year) == ("qualified", 2009)
    [label] = awards(published)
    # Not counted: 1 to 8 October, National Day and the Mid-Autumn Festival.
    assert (label.round_year, label.valid_from) == (2009, date(2009, 10, 11))


async def test_the_label_waits_for_the_midnight_after_the_notice(service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    await service.ruled(*all_approved(submission.application_id))

    service.set_clock(2025, 9, 19, 23, 59)
    assert awards(await service.sweep()) == []
    service.set_clock(2025, 9, 20)
    assert len(awards(await service.sweep())) == 1


async def test_an_objection_in_time_stops_the_label_with_the_officers_reasons(service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2025, 9, 17)
    await service.sweep()
    await service.ruled(a_ruling(submission.application_id, "notice-period", "refused"))

    [refusal] = decisions(await service.sweep())
    service.set_clock(2030, 1, 1)

    assert (refusal.outcome, refusal.step) == ("not-qualified", "notice-period")
    assert [each.code for each in refusal.reasons] == ["notice-period-refused"]
    assert await service.sweep() == []


@pytest.mark.parametrize("seed", range(6))
async def test_shuffled_repeated_and_early_rulings_end_in_the_same_label(instances, seed):
    submission = a_candidacy()
    facts = [
        a_record(submission),
        *(
            a_record(each, topic="casework.rulings.v1")
            for each in all_approved(submission.application_id)
        ),
    ] * 2
    order = random.Random(seed)
    order.shuffle(facts)
    published = []
    for fact in facts:
        instance = order.choice(instances)
        instance.set_clock(2025, 9, 12)
        await instance.handle(fact)
        published += await order.choice(instances).sweep()
    instances[0].set_clock(2025, 9, 20)
    published += await instances[0].sweep()

    steps = [each.step for each in decisions({e.value: e for e in published}.values())]
    assert steps == [
        "document-check",
        "on-site-assessment",
        "joint-committee",
        "violation-check",
        "notice-period",
    ]
    [label] = {each.model_dump_json(exclude={"awarded_at"}) for each in awards(published)}
    assert orjson.loads(label)["valid_from"] == "2025-09-20"


async def test_an_application_and_its_rulings_handled_concurrently_never_miss_each_other(instances):
    one, other, sweeper = instances
    submissions = [a_candidacy() for _ in range(40)]
    for each in instances:
        each.set_clock(2025, 9, 20)
    published = InMemoryPublisher()

    for each in submissions:
        await asyncio.gather(
            one.handle(a_record(each)),
            other.ruled(*all_approved(each.application_id)),
            sweeper.sweep(published),
        )
    sweeper.set_clock(2025, 9, 21)  # whatever the clocks of the others say
    await sweeper.sweep(published)

    assert {each.application_id for each in awards(published.published)} == {
        each.application_id for each in submissions
    }


async def test_several_instances_award_one_label_with_the_same_bytes(instances):
    submission = a_candidacy()
    await instances[0].handle(a_record(submission))
    await instances[0].ruled(*all_approved(submission.application_id))
    for each in instances:
        each.set_clock(2025, 9, 20)

    published = await asyncio.gather(*(each.sweep() for each in instances))

    by_id = {}
    for event in (event for events in published for event in events):
        by_id.setdefault(dict(event.headers)["ce_id"], set()).add(event.value)
    assert len(by_id) == 6
    assert all(len(values) == 1 for values in by_id.values())


class BrokenPublisher:
    """A broker that is down."""

    async def publish(self, _events) -> None:
        raise TransientError


async def test_conclusions_stored_before_a_crash_are_published_after_it(instances):
    service = instances[0]
    submission = a_candidacy()
    await service.handle(a_record(submission))
    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2025, 9, 20)
    with pytest.raises(TransientError):
        await service.sweep(BrokenPublisher())
    stored = await service.store.labels.awards([submission.application_id])

    successor = instances[1]
    successor.set_clock(2025, 9, 25)
    published = await successor.sweep()

    [label] = awards(published)
    assert [each.awarded_at for each in stored] == [label.awarded_at]
    assert Counter(kinds(published)) == {"RecognitionDecided": 5, "LabelAwarded": 1}
    assert await successor.sweep() == []


async def test_a_number_of_another_label_is_not_used_again(service):
    submission = a_candidacy()
    taken = NUMBERING.number(2025, submission.application_id)
    numbers = [
        await service.store.labels.reserve_number(NUMBERING, 2025, submission.application_id)
        for _ in range(2)
    ]
    assert numbers == [taken, taken]

    class Clashing:
        """Numbers that clash at the first attempt."""

        def number(self, year, _application_id, attempt=0):
            return taken if attempt == 0 else NUMBERING.number(year, "other", attempt)

    assert await service.store.labels.reserve_number(Clashing(), 2025, "other") != taken


async def test_labels_are_counted(service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2028, 1, 1)
    await service.sweep()

    def counted(fact):
        labels = {"service": "recognition", "fact": fact}
        return service.metrics.registry.get_sample_value("cppp_labels_total", labels)

    assert (counted("awarded"), counted("expired")) == (1, 1)


async def test_rulings_that_came_before_their_application_count(service):
    submission = a_candidacy()
    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2025, 9, 20)
    assert await service.sweep() == []  # and the agenda is empty again

    await service.handle(a_record(submission))

    assert len(awards(await service.sweep())) == 1


async def test_a_sweep_with_nothing_due_asks_once(service, database):
    async with counted_operations(database) as operations:
        await service.sweep()

    assert operations == {"query agenda": 1}
