"""Amendments, withdrawals, what was referred, and what comes too late; on a real database."""

from datetime import date

import pytest

from shared.events.intake import ApplicationAmended, ApplicationWithdrawn
from tests.factories import NOW, a_record, a_submission
from tests.recognition.published import awards, decisions, kinds
from tests.recognition.rulings import EXCELLENT, a_candidacy, a_candidacy_of, a_ruling, all_approved


def amended(submission, version, **candidacy):
    changed = a_submission("recognition", candidacy=candidacy)
    return ApplicationAmended(
        **{
            **dict(submission),
            "version": version,
            "application": changed.application,
        }
    )


def withdrawn(submission, version=2):
    return ApplicationWithdrawn(
        application_id=submission.application_id, version=version, withdrawn_at=NOW
    )


async def test_an_amendment_gives_a_new_version_whose_steps_start_again(service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    await service.ruled(*all_approved(submission.application_id))
    second = amended(submission, 2, measures_implemented=9)
    await service.handle(a_record(second))
    service.set_clock(2025, 9, 30)

    assert awards(await service.sweep()) == []
    await service.ruled(*all_approved(submission.application_id, version=2))
    [label] = awards(await service.sweep())
    assert label.version == 2


async def test_an_older_version_that_comes_late_changes_nothing(service):
    submission = a_candidacy()
    second = amended(submission, 2, measures_implemented=0)
    await service.handle(a_record(second))
    await service.handle(a_record(submission))
    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2025, 9, 30)

    assert awards(await service.sweep()) == []
    case = await service.case_of(submission.application_id)
    assert (case.candidate.version, case.outcome) == (2, "not-qualified")


async def test_a_withdrawal_closes_the_candidacy(service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2025, 9, 17)
    await service.sweep()
    await service.handle(a_record(withdrawn(submission)))
    service.set_clock(2025, 9, 30)

    assert await service.sweep() == []


async def test_the_withdrawal_of_an_application_for_funding_is_not_stored(service, database):
    funding = a_submission("assessment")
    await service.handle(a_record(funding), a_record(withdrawn(funding)))

    assert await database["withdrawals"].count_documents({}) == 0


async def test_an_awarded_label_stays_whatever_arrives_later(service):
    submission = a_candidacy()
    await service.handle(a_record(submission))
    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2025, 9, 20)
    assert len(awards(await service.sweep())) == 1

    await service.handle(
        a_record(amended(submission, 2, measures_implemented=9)), a_record(withdrawn(submission, 3))
    )
    await service.ruled(a_ruling(submission.application_id, "violation-check", "refused"))
    await service.ruled(a_ruling(submission.application_id, "document-check", version=2))

    assert await service.sweep() == []
    service.set_clock(2027, 9, 20)
    assert kinds(await service.sweep()) == ["LabelExpired"]


async def test_an_excellent_partner_needs_an_earlier_label_on_record(service):
    partner = a_candidacy_of("12345678")
    await service.handle(a_record(partner))
    await service.ruled(*all_approved(partner.application_id))
    service.set_clock(2025, 9, 20)
    await service.sweep()
    next_year = NOW.replace(month=5)

    [known] = decisions(
        await service.handle(
            a_record(
                a_candidacy_of("12345678", next_year, category=EXCELLENT, earlier_partner_year=2025)
            )
        )
    )
    other = a_submission(
        "recognition",
        received_at=next_year,
        enterprise={"business_registration_number": "87654321"},
        candidacy={"category": EXCELLENT, "earlier_partner_year": 2025},
    )
    [unknown] = decisions(await service.handle(a_record(other)))

    assert known.outcome == "qualified"
    assert unknown.outcome == "referred"
    assert [each.code for each in unknown.reasons] == ["earlier-label-not-on-record"]


async def test_a_document_check_settles_a_referred_candidacy(service):
    submission = a_candidacy(factory={"place": "elsewhere"})
    [first] = decisions(await service.handle(a_record(submission)))
    await service.ruled(*all_approved(submission.application_id))
    service.set_clock(2025, 9, 20)

    assert first.outcome == "referred"
    assert len(awards(await service.sweep())) == 1


@pytest.mark.parametrize(
    "days",
    [
        {"notice_from": date(2025, 9, 20), "notice_to": date(2025, 9, 19)},
        {"notice_from": None, "notice_to": date.max},
        {"notice_from": date.min, "notice_to": None},
    ],
)
async def test_an_impossible_notice_is_dead_lettered(service, days):
    ruling = a_ruling(a_candidacy().application_id, "notice-period", **days)

    [dead] = await service.handle(a_record(ruling, topic="casework.rulings.v1"))

    assert dead.topic == "recognition.dead-letters.v1"
    assert b"between 2000 and 2199" in dict(dead.headers)["x-dead-letter-error"]
