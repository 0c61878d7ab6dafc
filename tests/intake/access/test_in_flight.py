"""A repeat that arrives while the first request is in flight gets a 409 and has no effect."""

import asyncio
from http import HTTPStatus
from uuid import uuid4

import httpx
import pytest

from services.intake.access.admission import RequestContext
from services.intake.access.authentication import ANONYMOUS
from shared.http.problems import Problem
from shared.metrics import Metrics
from tests.intake.fakes import FakeApplications, submission_service
from tests.intake.running import running_intake
from tests.intake.submissions import body, headers
from tests.waiting import eventually, eventually_async

URL = "/v1/applications"


@pytest.fixture
def metrics():
    return Metrics("intake")


@pytest.fixture
def applications():
    return FakeApplications()


@pytest.fixture
async def submissions(applications, metrics):
    async with submission_service(applications, metrics) as opened:
        yield opened


def context(key: str) -> RequestContext:
    return RequestContext(ANONYMOUS, key, "")


async def in_hand(submissions, applications, key: str) -> asyncio.Task:
    task = asyncio.create_task(submissions.submit(body(), context(key)))
    await eventually_async(lambda: applications.batches)
    return task


@pytest.mark.parametrize("content", [body(), body("verification")])
async def test_a_repeat_while_the_first_is_in_hand_is_a_conflict(
    submissions, applications, metrics, content
):
    first = await in_hand(submissions, applications, "a")

    with pytest.raises(Problem) as refusal:
        await submissions.submit(content, context("a"))

    assert refusal.value.status == HTTPStatus.CONFLICT
    assert int(refusal.value.headers["Retry-After"]) > 0
    labels = {"service": "intake", "outcome": "conflict"}
    assert metrics.registry.get_sample_value("cppp_idempotent_replays_total", labels) == 1
    applications.open.set()
    assert (await first).is_new
    assert len(applications.batches) == 1


async def test_another_key_is_taken_meanwhile(submissions, applications):
    first = await in_hand(submissions, applications, "a")
    second = asyncio.create_task(submissions.submit(body(), context("b")))

    applications.open.set()

    assert (await first).application_id != (await second).application_id


async def test_after_the_first_has_failed_a_repeat_is_taken(applications, metrics):
    async with submission_service(applications, metrics, seconds=0.01) as submissions:
        with pytest.raises(Problem) as refusal:
            await submissions.submit(body(), context("a"))
        assert refusal.value.status == HTTPStatus.SERVICE_UNAVAILABLE

        applications.open.set()

        receipt = await submissions.submit(body(), context("a"))
        assert receipt.application_id in applications.batches[0]


async def test_a_change_repeated_a_hundred_times_at_once_is_one_version(intake):
    async with intake.async_client() as client:
        location = (await client.post(URL, content=body(), headers=headers())).headers["location"]
        key, content = str(uuid4()), body()
        answers = await asyncio.gather(
            *(client.put(location, content=content, headers=headers(key)) for _ in range(100))
        )

    outcomes = {(each.status_code, each.json().get("version")) for each in answers}
    assert outcomes <= {(202, 2), (409, None)}
    assert (202, 2) in outcomes


@pytest.mark.timeout(120)
async def test_one_key_at_two_instances_at_once_is_one_application(infra):
    """Neither knows the requests in flight of the other: the insert decides."""
    with running_intake(infra) as one, running_intake(infra, database=one.name) as other:
        keys = [str(uuid4()) for _ in range(50)]
        content = body()
        async with one.async_client() as left, other.async_client() as right:
            answers = await asyncio.gather(
                *(
                    client.post(URL, content=content, headers=headers(key))
                    for key in keys
                    for client in (left, right, left)
                )
            )

        assert {each.status_code for each in answers} <= {202, 409}
        accepted = {each.content for each in answers if each.status_code == HTTPStatus.ACCEPTED}
        assert len(accepted) == one.applications.count_documents({}) == len(keys)


@pytest.mark.timeout(120)
def test_a_repeat_after_a_restart_gets_the_same_answer(service_process):
    key, content = str(uuid4()), body()
    before = service_process("intake", restart=False)
    with httpx.Client(base_url=before.url, trust_env=False) as client:
        first = client.post(URL, content=content, headers=headers(key))
    before.kill()

    after = service_process("intake")
    with httpx.Client(base_url=after.url, trust_env=False) as client:
        eventually(lambda: client.get("/livez").is_success)
        again = client.post(URL, content=content, headers=headers(key))
        other = client.post(URL, content=body("verification"), headers=headers(key))

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert other.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
