"""Versions of applications in the real MongoDB, and when their events are due."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.intake.store.applications import MongoApplications
from services.intake.store.versions import Change, MongoVersions, Version
from shared.references import reference_of
from tests.factories import NOW
from tests.intake.acceptances import an_acceptance

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def applications(database):
    applications = MongoApplications(database["applications"])
    await applications.keep([an_acceptance("a")])
    return applications


@pytest.fixture
def versions(database):
    return MongoVersions(database["applications"])


def following(version: Version, **changes) -> Change:
    return Change(
        replace(
            version,
            number=version.number + 1,
            request=b"r",
            waiting_since=None,
            **changes,
        ),
        {},
        an_acceptance("a").events,
    )


async def due(applications) -> list[str]:
    return [each.id for each in await applications.outbox.due(LATER, 10)]


async def test_versions_are_found_in_their_order_and_no_others(applications, versions):
    await applications.keep([an_acceptance("ab"), an_acceptance("a0")])
    for _ in range(11):
        current = (await versions.of("a"))[-1]
        assert await versions.add(following(current), current)

    assert [each.number for each in await versions.of("a")] == list(range(1, 13))
    assert [each.id for each in await versions.of("ab")] == ["ab"]
    assert await versions.of("unknown") == []


MET = ("5683f927-9752-8bef-bb81-b06046b53d29", "5683f927-9752-8bef-8000-000000000000")


async def test_where_two_references_meet_both_applications_are_found(applications, versions):
    near = "5683f927-9752-8000-bb81-b06046b53d29"  # begins alike, and has another reference
    await applications.keep([an_acceptance(each) for each in (*MET, near)])
    reference = reference_of(MET[0])

    found = await versions.with_reference(reference)

    assert {each.application_id for each in found} == set(MET)
    assert {each.reference for each in found} == {reference}
    assert await versions.with_reference(reference, "another client") == []


async def test_a_reference_finds_the_current_version(applications, versions):
    await applications.keep([an_acceptance(MET[0])])
    [first] = await versions.of(MET[0])
    assert await versions.add(following(first), first)

    [found] = await versions.with_reference(reference_of(MET[0]))

    assert found.version == 2


async def test_a_number_is_given_once(applications, versions):
    assert applications
    [first] = await versions.of("a")

    assert await versions.add(following(first), first)
    assert not await versions.add(following(first, fingerprint=b"other"), first)

    assert [each.number for each in await versions.of("a")] == [1, 2]


async def test_what_is_added_is_found_as_it_was(applications, versions):
    assert applications
    [first] = await versions.of("a")
    withdrawal = following(first, is_withdrawal=True, accepted_at=LATER, fingerprint=b"f")

    await versions.add(replace(withdrawal, application=None), first)

    [_, found] = await versions.of("a")
    assert replace(found, waiting_since=None) == withdrawal.version


async def test_a_version_is_due_only_when_its_predecessor_is_published(applications, versions):
    for _ in range(2):
        current = (await versions.of("a"))[-1]
        await versions.add(following(current), current)

    assert await due(applications) == ["a"]
    await applications.outbox.mark_published(["a"], NOW)
    assert await due(applications) == ["a:2"]
    await applications.outbox.mark_published(["a:2"], NOW)
    assert await due(applications) == ["a:3"]


async def test_a_slow_clock_brings_no_version_before_its_predecessor(applications, versions):
    [first] = await versions.of("a")

    await versions.add(following(first, accepted_at=NOW - timedelta(hours=1)), first)

    [_, second] = await versions.of("a")
    assert second.waiting_since > first.waiting_since
    assert [each.id for each in await applications.outbox.due(LATER, 1)] == ["a"]


async def test_status_follows_the_current_version(applications, versions):
    seen = [await versions.status_of("a")]
    await applications.outbox.mark_published(["a"], NOW)
    seen.append(await versions.status_of("a"))
    [first] = await versions.of("a")
    await versions.add(following(first), first)
    seen.append(await versions.status_of("a"))
    [_, second] = await versions.of("a")
    await versions.add(replace(following(second, is_withdrawal=True), application=None), second)
    seen.append(await versions.status_of("a"))

    assert [(each.version, each.status) for each in seen] == [
        (1, "accepted"),
        (1, "published"),
        (2, "accepted"),
        (3, "withdrawn"),
    ]
    assert await versions.status_of("b") is None
