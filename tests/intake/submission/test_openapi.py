"""The description of the interface is complete, and its examples are true."""

import json
from http import HTTPStatus

import pytest

from services.intake.submission.body import read_submission
from tests.intake.http import api_key
from tests.intake.submissions import headers

ROUTE = "/v1/applications"
OF_EVERY_ROUTE = {"400", "408", "431"}
CHANGED = OF_EVERY_ROUTE | {"202", "401", "403", "404", "409", "412", "422", "429", "503"}


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json()


def references(part) -> set[str]:
    if isinstance(part, list):
        return set().union(*map(references, part))
    if not isinstance(part, dict):
        return set()
    own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
    return own.union(*map(references, part.values()))


def test_every_example_can_be_submitted_as_it_is(client, document):
    media = document["paths"][ROUTE]["post"]["requestBody"]["content"]["application/json"]

    assert len(media["examples"]) == 8
    for example in media["examples"].values():
        content = json.dumps(example["value"]).encode()
        assert read_submission(content)
        answer = client.post(ROUTE, content=content, headers=headers())
        assert answer.status_code == HTTPStatus.ACCEPTED


def test_everything_that_is_referred_to_is_there(document):
    schemas = document["components"]["schemas"]

    assert {each.rsplit("/", 1)[1] for each in references(document)} <= set(schemas)
    assert schemas["Submission"]["properties"]["application"]["discriminator"]


def test_every_answer_of_a_submission_is_described(document):
    answers = document["paths"][ROUTE]["post"]["responses"]

    own = {"202", "401", "403", "409", "413", "415", "422", "429", "503"}
    assert set(answers) == own | OF_EVERY_ROUTE
    assert answers["503"]["headers"]["Retry-After"]
    assert all("application/problem+json" in answers[each]["content"] for each in ("400", "422"))


def test_the_headers_of_a_submission_are_described(document):
    parameters = document["paths"][ROUTE]["post"]["parameters"]

    assert [each["name"] for each in parameters if each.get("required")] == ["Idempotency-Key"]
    assert document["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"


def test_the_description_can_be_asked_for_again(client, document):
    assert client.get("/openapi.json").json() == document


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        (
            "",
            "put",
            CHANGED | {"413", "415"},
        ),
        (
            "/withdrawal",
            "post",
            CHANGED,
        ),
    ],
)
def test_changes_are_described_with_their_answers_headers_and_an_example(
    document, path, method, statuses
):
    described = document["paths"][f"{ROUTE}/{{application_id}}{path}"][method]

    assert set(described["responses"]) == statuses
    names = {each["name"] for each in described["parameters"]}
    assert names == {"application_id", "Idempotency-Key", "If-Match", "traceparent"}
    answer = described["responses"]["202"]["content"]["application/json"]
    assert set(answer["example"]) == set(answer["schema"]["properties"])
    assert ("requestBody" in described) == (method == "put")


def test_the_lines_of_the_example_can_be_sent_as_they_are(intake, client, document):
    described = document["paths"][f"{ROUTE}:batch"]["post"]
    lines = described["requestBody"]["content"]["application/x-ndjson"]["example"]
    key = api_key(intake, "bulk")[1]

    answer = client.post(
        f"{ROUTE}:batch", content=lines, headers={"Content-Type": "application/x-ndjson"} | key
    )

    answers = [json.loads(each) for each in answer.text.splitlines()]
    assert [each["status"] for each in answers] == [HTTPStatus.ACCEPTED] * 2
    media = described["responses"]["200"]["content"]["application/x-ndjson"]
    for each in [*answers, *map(json.loads, media["example"].splitlines())]:
        assert set(each) <= set(media["schema"]["properties"])
    assert set(described["responses"]) == OF_EVERY_ROUTE | {
        "200",
        "401",
        "403",
        "415",
        "429",
        "503",
    }
