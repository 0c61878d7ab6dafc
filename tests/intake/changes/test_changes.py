"""Amendments and withdrawals over HTTP, on the real MongoDB and Kafka."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest

from shared.events.intake import ApplicationAmended, ApplicationWithdrawn, ContactRegistered
from tests.intake.http import api_key, post, problem
from tests.intake.running import WITHOUT_KAFKA, running_intake
from tests.intake.submissions import body, headers
from tests.waiting import eventually

URL = "/v1/applications"


@dataclass
class Changing:
    """An application that a test changes."""

    client: Any
    location: str
    receipt: dict[str, Any]

    def amend(self, content=None, key="", **more):
        content = body() if content is None else content
        return self.client.put(self.location, content=content, headers=headers(key, **more))

    def withdraw(self, key="", content=b"", **more):
        sent = headers(key, **more)
        return self.client.post(f"{self.location}/withdrawal", content=content, headers=sent)

    def status(self):
        return self.client.get(self.location)


@pytest.fixture
def application(client):
    answer = post(client)
    return Changing(client, answer.headers["location"], answer.json())


def records(kafka, topic: str, application_id: str):
    """The types and values on a topic about one application, each event once, in their order."""
    found = [each for each in kafka.read(topic) if each.key() == application_id.encode()]
    unique = {dict(each.headers())["ce_id"]: each for each in found}
    return [(dict(each.headers())["ce_type"].decode(), each.value()) for each in unique.values()]


def test_an_amendment_is_the_next_version_of_the_application(application):
    answer = application.amend(body(application={"project": {"cost_cents": 70_000_00}}))

    assert answer.status_code == HTTPStatus.ACCEPTED
    assert answer.json() == {**application.receipt, "version": 2}
    assert answer.headers["location"] == application.location
    assert answer.headers["etag"] == '"2"'
    assert application.amend().json()["version"] == 3


def test_a_submission_and_a_status_name_the_current_version_as_etag(client, application):
    assert post(client).headers["etag"] == '"1"'
    assert application.status().headers["etag"].startswith('"1-')

    application.amend()

    assert application.status().headers["etag"].startswith('"2-')
    assert application.status().json()["version"] == 2


def test_the_etag_of_a_status_changes_with_the_status_alone(infra):
    without_kafka = running_intake(infra, **WITHOUT_KAFKA)
    with without_kafka as intake, intake.client() as client:
        location = post(client).headers["location"]
        before = client.get(location)
        intake.applications.update_one({}, {"$unset": {"outbox": ""}})
        after = client.get(location)

    assert before.json()["status"] == "accepted"
    assert after.json() == {**before.json(), "status": "published"}
    assert before.headers["etag"] != after.headers["etag"]


def test_a_client_that_has_the_status_gets_304_also_to_head(client, application):
    eventually(lambda: application.status().json()["status"] == "published")
    tag = application.status().headers["etag"]

    for method in ("GET", "HEAD"):
        answer = client.request(method, application.location, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (HTTPStatus.NOT_MODIFIED, b"")
        assert answer.headers["etag"] == tag
    old = client.get(application.location, headers={"If-None-Match": '"1"'})
    assert old.status_code == HTTPStatus.OK


def test_an_application_may_be_named_in_any_case(client, application):
    location = application.location.replace(
        application.receipt["application_id"], application.receipt["application_id"].upper()
    )
    written = Changing(client, location, application.receipt)
    eventually(lambda: application.status().json()["status"] == "published")

    assert written.status().json() == application.status().json()
    amended = written.amend()
    assert amended.json()["version"] == 2
    assert amended.headers["location"] == application.location
    key = str(uuid4())
    assert written.withdraw(key).json() == application.withdraw(key).json()


def test_an_amendment_is_published_with_its_contact_and_the_day_of_the_first_receipt(
    application, kafka
):
    application.amend(
        body(
            application={"project": {"cost_cents": 70_000_00}},
            contact={"email": "new@example.org"},
        )
    )
    eventually(lambda: application.status().json()["status"] == "published")

    application_id = application.receipt["application_id"]
    submitted, amended = records(kafka, "intake.applications.v1", application_id)
    first, second = records(kafka, "intake.contacts.v1", application_id)

    assert [submitted[0], amended[0]] == ["ApplicationSubmitted", "ApplicationAmended"]
    event = ApplicationAmended.model_validate_json(amended[1])
    assert event.version == 2
    assert event.application.project.cost_cents == 70_000_00
    assert json.loads(amended[1])["received_at"] == json.loads(submitted[1])["received_at"]
    contacts = [ContactRegistered.model_validate_json(each) for _, each in (first, second)]
    assert [(each.version, each.contact.email) for each in contacts] == [
        (1, "chan@example.org"),
        (2, "new@example.org"),
    ]


def test_after_publishing_no_version_has_the_person_any_more(intake, application):
    application.amend()
    eventually(lambda: application.status().json()["status"] == "published")

    ids = {"_id": {"$regex": f"^{application.receipt['application_id']}"}}
    kept = list(intake.applications.find(ids))
    assert len(kept) == 2
    assert "example.org" not in repr(kept)


def test_a_withdrawal_closes_the_application(application, kafka):
    answer = application.withdraw()

    assert answer.status_code == HTTPStatus.ACCEPTED
    withdrawn_at = answer.json()["withdrawn_at"]
    assert answer.json() == {
        **application.receipt,
        "version": 2,
        "status": "withdrawn",
        "withdrawn_at": withdrawn_at,
    }
    assert application.status().json()["status"] == "withdrawn"
    assert application.status().json()["version"] == 2
    problem(application.amend(), HTTPStatus.CONFLICT, "application-withdrawn")
    problem(application.withdraw(), HTTPStatus.CONFLICT, "application-withdrawn")
    application_id = application.receipt["application_id"]
    types = eventually(
        lambda: (
            len(found := records(kafka, "intake.applications.v1", application_id)) == 2 and found
        )
    )
    assert types[1][0] == "ApplicationWithdrawn"
    event = ApplicationWithdrawn.model_validate_json(types[1][1])
    assert event.version == 2
    assert len(records(kafka, "intake.contacts.v1", application_id)) == 1


def test_the_same_change_gets_the_same_answer_and_no_second_version(application):
    key, content = str(uuid4()), body()

    amended = [application.amend(content, key) for _ in range(3)]
    application.amend()
    late = application.amend(content, key, If_Match='"1"')
    withdrawn = [application.withdraw("one-key") for _ in range(3)]
    after_withdrawal = application.amend(content, key)

    assert len({each.content for each in [*amended, late, after_withdrawal]}) == 1
    assert len({each.content for each in withdrawn}) == 1
    assert late.headers["etag"] == '"2"'
    assert application.status().json()["version"] == 4


def test_another_body_under_the_key_of_a_change_is_refused(application):
    application.amend(key="one-key")

    for answer in (application.amend(key="one-key"), application.withdraw("one-key")):
        problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused")
    assert application.status().json()["version"] == 2


def test_one_key_may_change_several_applications(client, application):
    other = Changing(client, post(client).headers["location"], {})

    assert application.amend(key="k").json()["version"] == 2
    assert other.amend(key="k").json()["version"] == 2


def test_the_stream_stays_and_so_does_the_receipt(application):
    stream = application.amend(body("verification"))
    receipt = application.amend(body(received_at="2019-01-01T00:00:00Z"))

    [reported] = problem(stream, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-application")["errors"]
    assert reported["pointer"] == "/application/stream"
    assert reported["detail"].endswith("submit a new application.")
    [reported] = problem(receipt, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-application")["errors"]
    assert reported["pointer"] == "/received_at"
    assert application.status().json()["version"] == 1


def test_an_amendment_keeps_the_rules_between_fields(application):
    answer = application.amend(body(application={"project": {"ends_on": "2020-01-01"}}))

    [reported] = problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-application")["errors"]
    assert reported["pointer"] == "/application/project/ends_on"


def test_an_unknown_application_cannot_be_changed(client):
    unknown = Changing(client, f"{URL}/{uuid4()}", {})

    problem(unknown.amend(), HTTPStatus.NOT_FOUND, "unknown-application")
    problem(unknown.withdraw(), HTTPStatus.NOT_FOUND, "unknown-application")


def test_a_version_that_is_not_current_is_not_changed(application):
    assert application.amend(If_Match='"1"').json()["version"] == 2
    for answer in (application.amend(If_Match='"1"'), application.withdraw(If_Match='"1"')):
        document = problem(answer, HTTPStatus.PRECONDITION_FAILED, "version-changed")
        assert document["version"] == 2
        assert answer.headers["etag"] == '"2"'
    problem(application.amend(If_Match='W/"2"'), HTTPStatus.PRECONDITION_FAILED, "version-changed")

    assert application.amend(If_Match='"2"').json()["version"] == 3
    assert application.amend(If_Match='"9", "3"').json()["version"] == 4
    assert application.withdraw(If_Match="*").json()["version"] == 5


def test_a_change_compares_the_version_alone(application):
    seen = application.status().headers["etag"]
    eventually(lambda: application.status().json()["status"] == "published")

    assert application.amend(If_Match=seen).json()["version"] == 2
    problem(application.amend(If_Match=seen), HTTPStatus.PRECONDITION_FAILED, "version-changed")
    weak = f"W/{application.status().headers['etag']}"
    problem(application.amend(If_Match=weak), HTTPStatus.PRECONDITION_FAILED, "version-changed")
    assert application.amend(If_Match='"1-aa", "2-anything"').json()["version"] == 3
    for other in ('"-3"', '"3x"', '"33-3"', '"3"-', '"a-3"'):
        assert application.amend(If_Match=other).status_code in {400, 412}
    assert application.withdraw(If_Match='"3-0"').json()["version"] == 4


@pytest.mark.parametrize("tag", ["1", '"1', '"1" "2"', "", '""1"', '"1",'])
def test_an_if_match_that_is_no_etag_is_refused(application, tag):
    answer = application.amend(If_Match=tag)

    problem(answer, HTTPStatus.BAD_REQUEST, "if-match-invalid")
    assert application.status().json()["version"] == 1


def test_a_change_needs_a_key_and_a_withdrawal_no_body(client, application):
    without_key = client.put(
        application.location, content=body(), headers={"Content-Type": "application/json"}
    )

    problem(without_key, HTTPStatus.BAD_REQUEST, "idempotency-key-missing")
    problem(application.withdraw(content=b"{}"), HTTPStatus.BAD_REQUEST, "body-not-wanted")
    assert application.status().json()["version"] == 1


def test_only_the_client_that_submitted_it_may_change_an_application(intake, client):
    owner, other = api_key(intake)[1], api_key(intake)[1]
    answer = post(client, **owner)
    application = Changing(client, answer.headers["location"], answer.json())

    for stranger in ({}, other):
        problem(application.amend(**stranger), HTTPStatus.FORBIDDEN, "other-client")
        problem(application.withdraw(**stranger), HTTPStatus.FORBIDDEN, "other-client")
    assert application.amend(**owner).json()["version"] == 2
    assert application.withdraw(**owner).json()["version"] == 3


def test_what_anybody_submitted_is_changed_by_whoever_has_its_id(intake, application):
    assert application.amend(**api_key(intake)[1]).json()["version"] == 2
    assert application.amend().json()["version"] == 3


async def test_of_many_amendments_at_once_each_is_a_version_of_its_own(intake, application):
    async with intake.async_client() as client:
        answers = await asyncio.gather(
            *(
                client.put(application.location, content=body(), headers=headers())
                for _ in range(30)
            )
        )

    assert Counter(each.status_code for each in answers) == {HTTPStatus.ACCEPTED: 30}
    assert sorted(each.json()["version"] for each in answers) == list(range(2, 32))


async def test_of_many_at_once_under_one_key_one_is_kept(intake, application):
    key, content = str(uuid4()), body()

    async with intake.async_client() as client:
        answers = await asyncio.gather(
            *(
                client.put(application.location, content=content, headers=headers(key))
                for _ in range(30)
            )
        )

    reported = {each.content for each in answers if each.status_code == HTTPStatus.ACCEPTED}
    assert len(reported) == 1
    assert {each.status_code for each in answers} <= {HTTPStatus.ACCEPTED, HTTPStatus.CONFLICT}
    assert application.status().json()["version"] == 2


async def test_of_many_at_once_on_one_version_only_one_holds(intake, application):
    async with intake.async_client() as client:
        answers = await asyncio.gather(
            *(
                client.put(
                    application.location, content=body(), headers=headers(**{"If-Match": '"1"'})
                )
                for _ in range(20)
            )
        )

    assert Counter(each.status_code for each in answers) == {
        HTTPStatus.ACCEPTED: 1,
        HTTPStatus.PRECONDITION_FAILED: 19,
    }


def test_changes_are_counted(infra):
    with running_intake(infra) as intake, intake.client() as client:
        answer = post(client)
        application = Changing(client, answer.headers["location"], answer.json())
        application.amend(key="k", content=(content := body()))
        application.amend(key="k", content=content)
        application.withdraw()
        application.amend()
        text = client.get("/metrics").text

    assert 'cppp_applications_changed_total{change="amended",service="intake"} 1.0' in text
    assert 'cppp_applications_changed_total{change="withdrawn",service="intake"} 1.0' in text
    assert 'cppp_idempotent_replays_total{outcome="replayed",service="intake"} 1.0' in text
    assert (
        'cppp_applications_rejected_total{reason="application-withdrawn",service="intake"} 1.0'
        in text
    )
