"""The interface of dry runs: strict, bounded, and without Kafka or MongoDB."""

import asyncio
import json
from http import HTTPStatus
from typing import Any

import httpx
import jsonschema_rs
import pytest

from services.eligibility.app import create_app
from services.eligibility.assessments.answer import Assessment
from services.eligibility.assessments.openapi import EXAMPLES
from shared.clock import hong_kong_date, utc_now

URL = "/v1/assessments"


class Client:
    """A client of the application alone: it is not started, so nothing is connected."""

    def __init__(self) -> None:
        self._app = create_app()

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._request("GET", path))

    def post(self, path: str, **body: Any) -> httpx.Response:
        return asyncio.run(self._request("POST", path, **body))

    async def _request(self, method: str, path: str, **body: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.request(method, path, **body)


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "nowhere.invalid:1")
    monkeypatch.setenv("MONGODB_URL", "mongodb://nowhere.invalid:1/?replicaSet=rs0")
    return Client()


def ask(client, **changes: Any):
    return client.post(URL, json={**EXAMPLES["all that the rules judge"], **changes})


def wrong(answer) -> dict[str, str]:
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.headers["content-type"] == "application/problem+json"
    return {each["pointer"]: each["detail"] for each in answer.json()["errors"]}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_answered_as_it_is_described(client, name):
    document = client.get("/openapi.json").json()
    answer = client.post(URL, json=EXAMPLES[name])

    assert answer.status_code == HTTPStatus.OK
    described = document["components"]["schemas"]["Assessment"]
    schema = {**described, "components": document["components"]}
    jsonschema_rs.Draft202012Validator(schema).validate(answer.json())
    Assessment.model_validate_json(answer.content, extra="forbid")


def test_a_complete_application_gets_outcome_grant_reasons_and_what_follows(client):
    answer = ask(client).json()

    assert (answer["outcome"], answer["grant_cents"], answer["phase"]) == (
        "eligible",
        4_000_000,
        "4",
    )
    assert [each["code"] for each in answer["reasons"]] == ["grant-is-share"]
    assert answer["reasons"][0]["zh_hant"]
    assert answer["reasons"][0]["source"].startswith("S")
    assert answer["outlook"]["step"] == "agreement"
    assert (answer["as_of"], answer["rule_version"]) == ("2024-06-03", "2026.12.1")
    assert answer["not_judged"] == []
    assert "another-case-open" in answer["without_history"]


def test_without_a_day_it_is_today_in_hong_kong(client):
    before = hong_kong_date(utc_now())
    answer = client.post(URL, json=EXAMPLES["a few answers"]).json()

    assert str(before) <= answer["as_of"] <= str(hong_kong_date(utc_now()))


def test_neither_an_answer_nor_a_problem_may_be_stored_on_the_way(client):
    assert ask(client).headers["cache-control"] == "no-store"
    assert ask(client, as_of="x").headers["cache-control"] == "no-store"
    assert client.post(URL).headers["cache-control"] == "no-store"


def test_every_wrong_field_is_named_with_its_rule(client):
    application = EXAMPLES["all that the rules judge"]["application"]
    factory = {**application["factory"], "place": "Guangdong", "registration_number": "x"}
    answer = ask(
        client, application={**application, "factory": factory, "project": {"cost_cents": 0.5}}
    )

    assert wrong(answer) == {
        "/application/factory/place": "Must be 'guangdong', 'hong-kong' or 'elsewhere'.",
        "/application/factory/registration_number": (
            "Must be 8 to 20 capital letters, digits or hyphens. If a spreadsheet shows it as "
            "9.14E+17, format the column as text and enter the number again."
        ),
        "/application/project/cost_cents": "Must be a whole number, without quotation marks.",
    }


def test_rules_between_fields_are_those_of_a_submission(client):
    application = EXAMPLES["all that the rules judge"]["application"]
    project = {"starts_on": "2024-07-02", "ends_on": "2024-07-01"}
    answer = ask(
        client,
        application={
            **application,
            "connection": {"ground": "2", "applicant_is_party": True},
            "project": project,
        },
    )

    assert wrong(answer) == {
        "/application/project/ends_on": "Must not be before starts_on.",
        "/application/connection/applicant_is_party": (
            "Must be left out: ground 2 does not depend on it."
        ),
    }


def test_what_is_no_question_of_the_rules_is_refused(client):
    contact = {"name": "Chan Tai Man", "email": "chan@example.org", "language": "en"}

    assert wrong(ask(client, contact=contact)) == {
        "/contact": "Must not be given here: remove it, or check its spelling."
    }
    label = ask(client, application={"stream": "recognition"})
    assert "Must be one of" in wrong(label)["/application/stream"]
    assert "Must be given." in wrong(client.post(URL, json={})).values()


@pytest.mark.parametrize("day", ["2007-12-31", "2100-01-01"])
def test_a_day_outside_the_programme_is_refused(client, day):
    assert list(wrong(ask(client, as_of=day))) == ["/as_of"]


def test_a_name_that_appears_twice_is_refused(client):
    body = json.dumps(EXAMPLES["a few answers"]).replace(
        '"stream"', '"stream": "verification", "stream"'
    )
    answer = client.post(URL, content=body, headers={"Content-Type": "application/json"})

    assert wrong(answer) == {"/application/stream": "Must appear once: keep one of them."}


def test_a_body_is_json_of_a_limited_size(client):
    plain = client.post(URL, content=b"{}", headers={"Content-Type": "text/plain"})
    cut = client.post(URL, content=b"{", headers={"Content-Type": "application/json"})
    large = client.post(URL, json={"application": "x" * 70_000})

    assert plain.status_code == HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    assert cut.json()["type"] == "urn:cppp:problem:malformed-json"
    assert (large.status_code, large.json()["limit_bytes"]) == (413, 65_536)


def test_dry_runs_are_limited_so_that_decisions_do_not_wait(monkeypatch):
    monkeypatch.setenv("ELIGIBILITY_ASSESSMENTS_PER_MINUTE", "2")
    client = Client()
    answers = [ask(client) for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) in range(1, 61)
    assert answers[2].headers["cache-control"] == "no-store"
    assert "applications:batch" not in answers[2].json()["detail"]


def test_they_are_counted_by_their_route(client):
    ask(client)
    metrics = client.get("/metrics").text

    assert 'path="/v1/assessments"' in metrics or 'route="/v1/assessments"' in metrics
