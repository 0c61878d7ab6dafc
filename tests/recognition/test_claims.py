"""One label of a kind for each enterprise and round, whoever comes first and how often."""

import asyncio

import pytest

from services.recognition.rules.labels import AwardedLabel, HistoricalLabel
from services.recognition.store.labels import award_document, history_document
from shared.errors import TransientError
from shared.events.intake import ApplicationAmended, ApplicationSubmitted, ApplicationWithdrawn
from tests.factories import NOW, a_record
from tests.recognition.published import awards, decisions
from tests.recognition.rulings import EXCELLENT, IN_ROUND, a_candidacy_of, a_ruling, all_approved

SOURCING = {"category": "partner-supply-chain", "factories_engaged": 5}
PARTNER = "partner-manufacturing"
ENTERPRISE = "12345678"


def a_candidacy(received_at=IN_ROUND, **candidacy):
    """Build an application of the one enterprise that these tests are about."""
    return a_candidacy_of(ENTERPRISE, received_at, **candidacy)


def a_sourcing_candidacy():
    body = a_candidacy().model_dump()
    body["application"]["candidacy"] = SOURCING
    return ApplicationSubmitted.model_validate(body)


def a_label(category=PARTNER, **changes):
    fields = {
        "round_year": 2025,
        "category": category,
        "enterprise_name": "Bright Textiles Limited",
        "business_registration_number": ENTERPRISE,
        "certificate_number": "CP-2025/001",
    }
    return HistoricalLabel(**{**fields, **changes})


async def decided(service, submission):
    [decision] = decisions(await service.handle(a_record(submission)))
    return decision.outcome, [each.code for each in decision.reasons]


async def approve(service, submission, **changes):
    """Rule on every step, and sweep after the notice; return what is awarded."""
    service.set_clock(2025, 9, 20)
    await service.ruled(*all_approved(submission.application_id, **changes))
    return awards(await service.sweep())


async def counted(service):
    return sum((await service.store.labels.count_by_year()).values())


async def test_a_second_application_for_the_same_label_is_referred_with_that_reason(service):
    first, second = a_candidacy(), a_candidacy()

    assert await decided(service, first) == ("qualified", ["prerequisites-met"])
    assert await decided(service, second) == ("referred", ["label-claimed"])


async def test_of_two_applications_one_gets_a_certificate_and_is_counted_once(service):
    first, second = a_candidacy(), a_candidacy()
    await service.handle(a_record(first), a_record(second))

    service.set_clock(2025, 9, 20)
    await service.ruled(*all_approved(second.application_id))  # through its steps first
    published = await service.sweep()
    held = decisions(published)[-1]
    [label] = await approve(service, first)

    assert awards(published) == []
    assert (held.outcome, held.step) == ("referred", "notice-period")
    assert [each.code for each in held.reasons] == ["label-claimed"]
    assert label.application_id == first.application_id
    assert await counted(service) == 1


async def test_other_reasons_stay_beside_the_claim(service):
    await service.handle(a_record(a_candidacy()))

    outcome, codes = await decided(service, a_candidacy(factory={"place": "elsewhere"}))

    assert (outcome, codes) == ("referred", ["factory-place-not-covered", "label-claimed"])


async def test_a_refused_application_claims_nothing_and_is_refused_for_its_own_reasons(service):
    refused = a_candidacy(measures_implemented=0)

    assert await decided(service, refused) == ("not-qualified", ["too-few-measures"])
    assert await decided(service, a_candidacy()) == ("qualified", ["prerequisites-met"])
    assert await decided(service, a_candidacy(measures_implemented=0)) == (
        "not-qualified",
        ["too-few-measures"],
    )


async def test_partner_and_excellent_partner_are_one_claim(service):
    await service.store.history.keep([a_label(round_year=2018, certificate_number="CP-2018/1")])
    excellent = a_candidacy(category=EXCELLENT, earlier_partner_year=2018)

    assert await decided(service, excellent) == ("qualified", ["prerequisites-met"])
    assert await decided(service, a_candidacy()) == ("referred", ["label-claimed"])


async def test_labels_of_different_kinds_are_allowed_for_one_enterprise_and_round(service):
    partner, sourcing = a_candidacy(), a_sourcing_candidacy()

    assert (await decided(service, partner))[0] == "qualified"
    assert (await decided(service, sourcing))[0] == "qualified"
    assert len(await approve(service, partner)) == 1
    assert len(await approve(service, sourcing)) == 1
    assert await counted(service) == 2


async def test_other_enterprises_and_rounds_have_claims_of_their_own(service):
    await service.handle(a_record(a_candidacy()))

    assert (await decided(service, a_candidacy_of("87654321")))[0] == "qualified"
    assert (await decided(service, a_candidacy(NOW.replace(month=5))))[0] == "qualified"


@pytest.mark.parametrize("category", [PARTNER, EXCELLENT])
async def test_an_application_beside_an_imported_label_is_referred(service, category):
    assert await service.store.history.keep([a_label(category)]) == ["new"]
    submission = a_candidacy()

    assert await decided(service, submission) == ("referred", ["label-claimed"])
    assert await approve(service, submission) == []
    assert await counted(service) == 1


async def test_an_imported_label_beside_an_application_is_refused(service):
    submission = a_candidacy()
    await service.handle(a_record(submission))

    assert await service.store.history.keep([a_label(EXCELLENT)]) == ["label-claimed"]
    assert len(await approve(service, submission)) == 1
    assert await service.store.history.keep([a_label()]) == ["label-claimed"]
    assert await counted(service) == 1


async def test_an_awarded_label_in_an_imported_list_is_known(service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    [label] = await approve(service, submission)
    line = a_label(certificate_number=label.certificate_number, source="S20")
    other = a_label(certificate_number=label.certificate_number, enterprise_name="Another")

    assert await service.store.history.keep([line]) == ["known"]
    assert await service.store.history.keep([other]) == ["changed"]
    assert await counted(service) == 1


async def test_of_many_concurrent_applications_exactly_one_has_the_claim(instances):
    submissions = [a_candidacy() for _ in range(30)]

    published = await asyncio.gather(
        *(instances[number % 3].handle(a_record(each)) for number, each in enumerate(submissions))
    )

    outcomes = [decisions(each)[0].outcome for each in published]
    assert sorted(outcomes) == ["qualified", *["referred"] * 29]
    for each in instances:
        each.set_clock(2025, 9, 20)
    await instances[0].ruled(
        *(ruling for each in submissions for ruling in all_approved(each.application_id))
    )
    swept = await asyncio.gather(*(each.sweep() for each in instances))
    [awarded] = {each.application_id for events in swept for each in awards(events)}
    assert outcomes[[each.application_id for each in submissions].index(awarded)] == "qualified"
    assert await counted(instances[0]) == 1


async def test_of_an_import_and_an_application_at_once_exactly_one_has_the_claim(instances):
    for number in range(20):
        enterprise = f"{number:08}"
        submission = a_candidacy_of(enterprise)
        label = a_label(business_registration_number=enterprise, certificate_number=f"C{number}")

        published, [imported] = await asyncio.gather(
            instances[0].handle(a_record(submission)),
            instances[1].store.history.keep([label]),
        )

        [decision] = decisions(published)
        assert (decision.outcome, imported) in {
            ("qualified", "label-claimed"),
            ("referred", "new"),
        }


async def test_a_replay_reads_the_claim_and_not_the_order_of_arrival(service, database):
    first, second = a_candidacy(), a_candidacy()
    published = await service.handle(a_record(first), a_record(second))
    for name in ("decisions", "candidates", "agenda"):
        await database.drop_collection(name)
    await service.store.prepare()

    again = await service.handle(a_record(second)) + await service.handle(a_record(first))

    def outcomes(events):
        return {each.application_id: each.outcome for each in decisions(events)}

    assert outcomes(again) == outcomes(published)
    assert outcomes(again)[first.application_id] == "qualified"


async def test_a_repeated_event_of_the_holder_and_of_the_other_change_nothing(service):
    first, second = a_candidacy(), a_candidacy()
    published = [await service.handle(a_record(each)) for each in (first, second)]

    assert [await service.handle(a_record(each)) for each in (second, first)] == published[::-1]


def withdrawal_of(submission):
    return ApplicationWithdrawn(
        application_id=submission.application_id, version=2, withdrawn_at=NOW
    )


def amended(submission, body, version=2):
    return ApplicationAmended(
        **{**dict(submission), "version": version, "application": body.application}
    )


async def end_by_withdrawal(service, first):
    await service.handle(a_record(withdrawal_of(first)))


async def end_by_refusal(service, first):
    await service.ruled(a_ruling(first.application_id, "violation-check", "refused"))


async def end_by_amendment(service, first):
    await service.handle(a_record(amended(first, a_sourcing_candidacy())))


async def end_by_amendment_that_is_refused(service, first):
    await service.handle(a_record(amended(first, a_candidacy(measures_implemented=0))))


ENDS = [end_by_withdrawal, end_by_refusal, end_by_amendment, end_by_amendment_that_is_refused]


@pytest.mark.parametrize("end", ENDS)
async def test_the_claim_of_an_ended_application_passes_on_to_the_next(service, end):
    first = a_candidacy()
    await service.handle(a_record(first))
    await end(service, first)

    assert (await decided(service, a_candidacy()))[0] == "qualified"
    assert (await decided(service, a_candidacy()))[0] == "referred"


@pytest.mark.parametrize("end", ENDS)
async def test_an_application_that_waits_gets_the_claim_and_is_awarded(service, end):
    first, waiting = a_candidacy(), a_candidacy()
    await service.handle(a_record(first), a_record(waiting))
    assert await approve(service, waiting) == []  # an officer has settled the referral

    await end(service, first)
    [label] = awards(await service.sweep())

    assert label.application_id == waiting.application_id


async def test_the_one_that_waits_comes_before_a_later_one(service):
    first, waiting, later = (a_candidacy() for _ in range(3))
    await service.handle(a_record(first), a_record(waiting))
    await end_by_withdrawal(service, first)
    await service.sweep()

    assert (await decided(service, later))[0] == "referred"
    assert len(await approve(service, waiting)) == 1


async def test_a_withdrawal_in_the_same_batch_frees_the_claim_for_the_one_that_waits(service):
    first, second = a_candidacy(), a_candidacy()

    published = await service.handle(
        a_record(first), a_record(withdrawal_of(first), offset=1), a_record(second, offset=2)
    )
    outcomes = {each.application_id: each.outcome for each in decisions(published)}

    assert outcomes[second.application_id] == "referred"  # stored together: the first has it
    assert len(await approve(service, second)) == 1


async def test_an_awarded_label_keeps_its_claim_whatever_follows(service):
    first, second = a_candidacy(), a_candidacy()
    await service.handle(a_record(first), a_record(second))
    await approve(service, first)
    for end in ENDS:
        await end(service, first)

    assert await approve(service, second) == []
    assert (await decided(service, a_candidacy()))[0] == "referred"


async def test_an_amended_application_keeps_its_own_claim(service):
    first = a_candidacy()
    await service.handle(a_record(first))

    published = await service.handle(a_record(amended(first, a_candidacy(measures_implemented=9))))

    assert [each.outcome for each in decisions(published)] == ["qualified"]


async def test_a_refused_application_that_is_amended_too_late_has_lost_its_claim(service):
    first, second = a_candidacy(), a_candidacy()
    await service.handle(a_record(first))
    await end_by_refusal(service, first)
    await service.handle(a_record(second))

    [again] = decisions(
        await service.handle(a_record(amended(first, a_candidacy(measures_implemented=9))))
    )

    assert (again.outcome, [each.code for each in again.reasons]) == ("referred", ["label-claimed"])
    assert await approve(service, first, version=2) == []
    assert len(await approve(service, second)) == 1


async def test_an_award_that_was_claimed_before_a_crash_is_completed_though_it_is_withdrawn(
    service, instances, monkeypatch
):
    first, second = a_candidacy(), a_candidacy()
    await service.handle(a_record(first), a_record(second))
    await service.ruled(*all_approved(first.application_id))
    service.set_clock(2025, 9, 20)

    async def crash(awarded):
        if awarded:
            raise TransientError

    monkeypatch.setattr(service.store.labels, "keep_awards", crash)
    with pytest.raises(TransientError):
        await service.sweep()
    successor = instances[1]
    successor.set_clock(2025, 9, 21)
    await end_by_withdrawal(successor, first)
    published = await successor.sweep()

    assert [each.application_id for each in awards(published)] == [first.application_id]
    assert await approve(successor, second) == []


def stored_label(submission, number, awarded_at):
    candidate = {
        "application_id": submission.application_id,
        "version": 1,
        "category": PARTNER,
        "enterprise_name": "Bright Textiles Limited",
        "business_registration_number": ENTERPRISE,
    }
    return AwardedLabel(
        **candidate,
        certificate_number=number,
        round_year=2025,
        valid_from=awarded_at.date(),
        valid_to=awarded_at.date().replace(year=2028),
        rule_version="1",
        awarded_at=awarded_at,
    )


async def test_labels_of_an_earlier_version_get_claims_and_stay_as_they_are(service, database):
    earlier, later = (
        stored_label(a_candidacy(), f"GDHK-2025-0000000{n}-00", NOW.replace(day=n)) for n in (1, 2)
    )
    imported = a_label(EXCELLENT, round_year=2018)
    beside = a_label(certificate_number="CP-2025/9")
    stored = [award_document(each) for each in (later, earlier)]
    await database["awards"].insert_many(stored)
    await database["history"].insert_many([history_document(each) for each in (imported, beside)])

    await asyncio.gather(*(service.store.prepare() for _ in range(3)))

    holders = {each["_id"]: each["holder"] async for each in database["claims"].find()}
    assert holders == {
        "2025:manufacturing:12345678": earlier.application_id,
        "2018:manufacturing:12345678": f"label:{imported.id}",
    }
    assert [each async for each in database["awards"].find().sort("awarded_at")] == stored[::-1]
    assert await counted(service) == 2  # one of 2018, and one of the three of 2025
    assert (await decided(service, a_candidacy()))[0] == "referred"


async def test_open_candidacies_of_an_earlier_version_get_claims_in_the_order_of_receipt(
    service, database
):
    early, late, refused = (
        a_candidacy(IN_ROUND.replace(day=day), **changes)
        for day, changes in ((6, {}), (7, {}), (5, {"measures_implemented": 0}))
    )
    for each in (late, early, refused):
        await service.handle(a_record(each))
    decided_before = [each async for each in database["decisions"].find()]
    for name in ("claims", "waiting", "upgrades"):
        await database.drop_collection(name)

    await service.store.prepare()

    assert [each["holder"] async for each in database["claims"].find()] == [early.application_id]
    assert [each async for each in database["decisions"].find()] == decided_before
    assert await approve(service, late) == []
    assert len(await approve(service, early)) == 1


async def test_a_label_that_another_version_awarded_meanwhile_finishes_its_claim(service, database):
    first, second = a_candidacy(), a_candidacy()
    await service.handle(a_record(first), a_record(second))
    await database["awards"].insert_one(
        award_document(stored_label(first, "GDHK-2025-00000001-00", NOW))
    )

    assert await approve(service, second) == []
    await service.store.prepare()

    [claim] = [each async for each in database["claims"].find()]
    assert (claim["holder"], claim["final"]) == (first.application_id, True)
