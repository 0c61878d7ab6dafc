"""Many applications in one request: a line, an answer; what is wrong with one is its own affair."""

import asyncio
import gzip
import json
from http import HTTPStatus
from uuid import uuid4

import pytest

from tests.intake.bulk.lines import NDJSON, URL, answers_to, kinds, line, post
from tests.intake.http import api_key, problem
from tests.intake.running import WITHOUT_KAFKA, running_intake
from tests.intake.submissions import body, headers
from tests.waiting import eventually


@pytest.fixture(scope="module")
def key(intake):
    return api_key(intake, "bulk")[1]


def test_each_line_becomes_an_application_and_is_published(intake, client, key, kafka):
    keys = [str(uuid4()) for _ in range(230)]

    answers = post(client, key, *(line(each) for each in keys))

    assert [each["line"] for each in answers] == list(range(1, 231))
    assert [each["idempotency_key"] for each in answers] == keys
    assert {each["status"] for each in answers} == {HTTPStatus.ACCEPTED}
    ids = [each["application_id"] for each in answers]
    assert len(set(ids)) == len(ids)
    published = {"_id": {"$in": ids}, "outbox": {"$exists": False}}
    eventually(lambda: intake.applications.count_documents(published) == len(ids))
    on_topic = {
        (each.key() or b"").decode(errors="replace")
        for each in kafka.read("intake.applications.v1")
    }
    assert on_topic >= set(ids)


def test_the_same_lines_again_get_the_same_answers(intake, client, key):
    lines = [line() for _ in range(20)]
    first = post(client, key, *lines)
    before = intake.applications.count_documents({})

    assert post(client, key, *lines) == first
    assert post(client, key, *lines[5:])[0] == {**first[5], "line": 1}
    assert intake.applications.count_documents({}) == before


def test_a_line_and_a_single_submission_are_the_same_under_one_key(client, key):
    name, content = str(uuid4()), body()

    [answer] = post(client, key, line(name, content))
    single = client.post("/v1/applications", content=content, headers=headers(name, **key))
    other = client.post(
        "/v1/applications", content=body("verification"), headers=headers(name, **key)
    )

    assert single.json()["application_id"] == answer["application_id"]
    assert single.json()["received_at"] == answer["received_at"]
    problem(other, HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused")


def test_a_key_twice_in_one_request_is_one_application_or_a_mistake(intake, client, key):
    name, content = str(uuid4()), body()

    answers = post(
        client,
        key,
        line(name, content),
        line(),
        line(name, content),
        line(name, body("recognition")),
    )

    assert kinds(answers) == ["accepted", "accepted", "accepted", "idempotency-key-reused"]
    assert answers[0]["application_id"] == answers[2]["application_id"]
    kept = intake.applications.find_one({"_id": answers[0]["application_id"]})
    assert kept["stream"] == "assessment"


BAD_LINES = {
    "no JSON": (b'{"idempotency_key":', "malformed-line"),
    "no object": (b"[1, 2]", "malformed-line"),
    "blank": (b"", "blank-line"),
    "only spaces": (b"  \r", "blank-line"),
    "no UTF-8 in the key": (b'{"idempotency_key":"\xff","submission":{}}', "malformed-line"),
    "no UTF-8 in the submission": (line(content=b'{"application":"\xff"}'), "malformed-json"),
    "no key": (b'{"submission":{}}', "malformed-line"),
    "a key that is no text": (b'{"idempotency_key":1,"submission":{}}', "malformed-line"),
    "an unusable key": (b'{"idempotency_key":"a b","submission":{}}', "idempotency-key-invalid"),
    "an empty key": (b'{"idempotency_key":"","submission":{}}', "idempotency-key-invalid"),
    "no submission": (b'{"idempotency_key":"a"}', "malformed-line"),
    "another name": (b'{"idempotency_key":"a","submission":{},"x":1}', "malformed-line"),
    "two keys": (
        b'{"idempotency_key":"a","idempotency_key":"b","submission":%b}' % body(),
        "malformed-line",
    ),
    "two submissions, one in disguise": (
        b'{"idempotency_key":"a","submission":{},"submissio\\u006e":%b}' % body(),
        "malformed-line",
    ),
    "nested without end": (line(content=b"[" * 100_000), "malformed-line"),
    "too long": (line(content=b" " * 264_000), "line-too-long"),
    "too large a submission": (line(content=body().ljust(262_145) + b"  ", key="k"), "accepted"),
    "a wrong field": (line(content=body(application={"stream": "solar"})), "invalid-application"),
    "an unknown field": (line(content=b'{"x":1}'), "invalid-application"),
    "a date that is not allowed": (
        line(content=body(received_at="2019-01-01T00:00:00Z")),
        "backdate-not-allowed",
    ),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_answered_in_its_place_and_stops_nothing(client, key, name):
    bad, kind = BAD_LINES[name]

    answers = post(client, key, line(), bad, line())

    assert kinds(answers) == ["accepted", kind, "accepted"]
    assert [each["line"] for each in answers] == [1, 2, 3]
    assert all(each["problem"]["detail"].endswith(".") for each in answers if "problem" in each)


def test_a_submission_over_the_limit_of_a_single_one_is_too_large(client, key):
    content = body(contact={"name": "x" * 262_144})

    assert kinds(post(client, key, line(content=content))) == ["body-too-large"]


def test_what_is_wrong_is_told_as_for_a_single_submission(client, key):
    content = body(application={"project": {"cost_cents": -1}})

    [answer] = post(client, key, line("k", content))
    single = client.post("/v1/applications", content=content, headers=headers()).json()

    del single["correlation_id"]  # that of a request; a line is found by its own id
    assert answer.pop("problem") == single
    assert answer == {"line": 1, "idempotency_key": "k", "status": 422}


def test_names_may_come_in_any_order_with_spaces_and_the_last_line_without_an_end(client, key):
    turned = b' {"submission" : %b ,\t"idempotency_key" : "%b"} \r\n' % (
        body(),
        uuid4().hex.encode(),
    )

    assert kinds(post(client, key, turned + line())) == ["accepted", "accepted"]
    assert kinds(post(client, key, line() + b"\n")) == ["accepted"]
    assert post(client, key, b"") == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (json.dumps([{"idempotency_key": "a"}] * 50, indent=1).encode(), "one JSON document"),
        (json.dumps({"idempotency_key": "a", "submission": {}}, indent=1).encode(), "one JSON"),
        (b'\xef\xbb\xbf[{"idempotency_key":"a"},\n{"idempotency_key":"b"}]', "one JSON document"),
        (gzip.compress(line(), mtime=0), "gzip"),
        ((line() + b"\n" + line()).decode().encode("utf-16"), "UTF-16"),
        ((line() + b"\n" + line()).decode().encode("utf-16-le"), "UTF-16"),
    ],
)
def test_a_body_that_does_not_consist_of_lines_is_told_as_such_once(client, key, content, told):
    answers = post(client, key, b"", content, line())

    assert kinds(answers) == ["blank-line", "not-ndjson"]
    assert answers[1]["line"] == 2
    assert answers[1]["problem"]["detail"].startswith(f"The body is {told}")


def test_a_line_that_was_cut_off_is_its_own_affair_in_the_first_line_too(client, key):
    assert kinds(post(client, key, line()[:-9], line())) == ["malformed-line", "accepted"]


def test_a_byte_order_mark_is_passed_over(client, key):
    mark = b"\xef\xbb\xbf"

    assert kinds(post(client, key, mark + line(), mark + line(), mark)) == [
        "accepted",
        "accepted",
        "blank-line",
    ]


@pytest.mark.parametrize("encoding", ["Big5", "GB18030"])
def test_a_line_in_another_encoding_is_named_and_stops_nothing(client, key, encoding):
    text = {"Big5": "光輝紡織有限公司", "GB18030": "光辉纺织有限公司"}[encoding]
    other = b'{"idempotency_key":"a","submission":{"application":"%b"}}' % text.encode(encoding)

    answers = post(client, key, other, line())

    assert [each["status"] for each in answers] == [HTTPStatus.BAD_REQUEST, HTTPStatus.ACCEPTED]
    assert encoding in answers[0]["problem"]["detail"]


def test_rights_hold_for_each_line(intake, client):
    both = api_key(intake, "bulk", "backdate")[1]

    [answer] = post(client, both, line(content=body(received_at="2019-03-31T23:59:59+08:00")))

    assert answer["received_at"] == "2019-03-31T15:59:59Z"


def test_who_may_not_is_told_what_to_do(intake, client):
    anonymous = client.post(URL, content=line(), headers=NDJSON)
    without = client.post(URL, content=line(), headers=NDJSON | api_key(intake, "backdate")[1])
    refused = client.post(URL, content=line(), headers=NDJSON | {"Authorization": "Bearer x"})

    document = problem(without, HTTPStatus.FORBIDDEN, "bulk-not-allowed")
    assert "--right bulk" in document["detail"]
    problem(anonymous, HTTPStatus.FORBIDDEN, "bulk-not-allowed")
    problem(refused, HTTPStatus.UNAUTHORIZED, "unauthenticated")


@pytest.mark.parametrize("declared", ["application/json", "text/plain", ""])
def test_what_is_not_declared_as_lines_is_refused(client, key, declared):
    answer = client.post(URL, content=line(), headers={"Content-Type": declared} | key)

    problem(answer, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type")


def test_lines_are_counted_like_single_submissions(infra):
    with running_intake(infra) as intake, intake.client() as client:
        key = api_key(intake, "bulk")[1]
        repeated = line()
        post(client, key, line(), repeated, b"x", line(content=body("recognition")))
        post(client, key, repeated)
        text = client.get("/metrics").text

    assert 'cppp_applications_accepted_total{scheme="funding",service="intake"} 2.0' in text
    assert 'cppp_applications_accepted_total{scheme="recognition",service="intake"} 1.0' in text
    assert 'cppp_applications_rejected_total{reason="malformed-line",service="intake"} 1.0' in text
    assert 'cppp_idempotent_replays_total{outcome="replayed",service="intake"} 1.0' in text
    route = 'method="POST",route="/v1/applications:batch",service="intake",status="200"'
    assert f"cppp_http_requests_total{{{route}}} 2.0" in text


def test_over_its_allowance_a_key_is_read_more_slowly(infra):
    settings = WITHOUT_KAFKA | {"INTAKE_KEY_PER_MINUTE": "60"}
    with running_intake(infra, **settings) as intake, intake.client() as client:
        key = api_key(intake, "bulk")[1]

        assert kinds(post(client, key, *(line() for _ in range(61)))) == ["accepted"] * 61


def test_lines_use_up_the_allowance_of_their_key_and_of_no_other(infra):
    with running_intake(infra, INTAKE_KEY_PER_MINUTE="3") as intake, intake.client() as client:
        key, other = api_key(intake, "bulk")[1], api_key(intake, "bulk")[1]
        post(client, key, line(), line())  # and one for the request itself

        refused = client.post(URL, content=line(), headers=NDJSON | key)

        problem(refused, HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests")
        assert kinds(post(client, other, line())) == ["accepted"]


def test_two_requests_with_the_same_lines_at_once_are_one_application_for_each(intake, key):
    lines = [line() for _ in range(120)]
    before = intake.applications.count_documents({})

    async def both() -> list[list[dict]]:
        async with intake.async_client() as client:
            found = await asyncio.gather(
                *(client.post(URL, content=b"\n".join(lines), headers=NDJSON | key) for _ in "ab")
            )
        return [answers_to(each) for each in found]

    answers = asyncio.run(both())

    assert intake.applications.count_documents({}) == before + 120
    for one, other in zip(*answers, strict=True):
        accepted = [each for each in (one, other) if each["status"] == HTTPStatus.ACCEPTED]
        assert accepted
        assert len({each["application_id"] for each in accepted}) == 1
        assert {one["status"], other["status"]} <= {202, 409}
