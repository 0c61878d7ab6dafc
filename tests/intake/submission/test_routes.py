"""The service over HTTP, on the real MongoDB and Kafka."""

import asyncio
import socket
from http import HTTPStatus
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.access.authentication import new_key
from services.intake.submission.service import SubmissionService
from shared.clock import utc_now
from shared.references import reference_of
from tests.intake.http import URL, api_key, post, problem
from tests.intake.running import running_intake
from tests.intake.submissions import body, headers
from tests.raw_http import line_to
from tests.waiting import eventually


def test_an_accepted_application_is_kept_already(intake, client):
    answer = post(client)

    receipt = answer.json()
    document = intake.applications.find_one({"_id": receipt["application_id"]})
    assert answer.status_code == HTTPStatus.ACCEPTED
    assert answer.headers["location"] == f"{URL}/{receipt['application_id']}"
    assert (receipt["version"], receipt["status"]) == (1, "accepted")
    assert document["application"]["stream"] == "assessment"
    assert document["received_at"] == document["accepted_at"]


def test_an_accepted_application_is_published_and_its_person_forgotten(intake, client, kafka):
    receipt = post(client).json()
    application_id = receipt["application_id"]
    location = f"{URL}/{application_id}"

    eventually(lambda: client.get(location).json()["status"] == "published")

    for topic in ("intake.applications.v1", "intake.contacts.v1"):
        records = [each for each in kafka.read(topic) if each.key() == application_id.encode()]
        assert len(records) == 1
    document = intake.applications.find_one({"_id": application_id})
    assert "example.org" not in repr(document)


def test_its_status_tells_nothing_personal(client):
    receipt = post(client, body("recognition")).json()

    status = client.get(f"{URL}/{receipt['application_id']}").json()

    assert set(status) == {
        "application_id",
        "reference",
        "version",
        "stream",
        "received_at",
        "accepted_at",
        "status",
    }
    assert status["stream"] == "recognition"
    assert status["received_at"] == receipt["received_at"]


def test_receipt_and_status_have_the_reference_of_the_id(client):
    receipt = post(client).json()

    status = client.get(f"{URL}/{receipt['application_id']}").json()

    assert receipt["reference"] == reference_of(receipt["application_id"])
    assert status["reference"] == receipt["reference"]


@pytest.mark.parametrize("typed", [str, str.lower, lambda text: text.replace("-", " ")])
def test_a_client_finds_its_application_by_the_reference_as_typed(intake, client, typed):
    _, own_key = api_key(intake)
    receipt = post(client, **own_key).json()

    answer = client.get(URL, params={"reference": typed(receipt["reference"])}, headers=own_key)

    assert [each["application_id"] for each in answer.json()] == [receipt["application_id"]]


def test_a_reference_opens_nothing_by_itself(intake, client):
    _, own_key = api_key(intake)
    _, key_of_another = api_key(intake)
    wanted = {"reference": post(client, **own_key).json()["reference"]}

    problem(client.get(URL, params=wanted), HTTPStatus.UNAUTHORIZED, "unauthenticated")
    assert client.get(URL, params=wanted, headers=key_of_another).json() == []


def test_a_mistyped_reference_is_told_what_is_wrong(intake, client):
    _, own_key = api_key(intake)

    answer = client.get(URL, params={"reference": "AT1Z-J9WQ-AAZR"}, headers=own_key)

    refused = problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-parameter")
    assert "mistyped" in refused["errors"][0]["detail"]


def test_an_unknown_id_and_a_malformed_one_are_told_apart(client):
    problem(client.get(f"{URL}/{uuid4()}"), HTTPStatus.NOT_FOUND, "unknown-application")
    problem(client.get(f"{URL}/not-an-id"), HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-parameter")


def test_the_same_request_gets_the_same_answer_and_no_second_application(intake, client):
    key, content = str(uuid4()), body()

    answers = [post(client, content, key=key) for _ in range(3)]

    assert len({answer.content for answer in answers}) == 1
    assert intake.applications.count_documents({"_id": answers[0].json()["application_id"]}) == 1


def test_another_body_under_the_same_key_is_refused(intake, client):
    key = str(uuid4())
    receipt = post(client, body(), key=key).json()

    again = post(client, body("verification"), key=key)

    problem(again, HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused")
    kept = intake.applications.find_one({"_id": receipt["application_id"]})
    assert kept["stream"] == "assessment"


async def test_a_hundred_requests_at_once_with_one_key_are_one_application(intake):
    before = intake.applications.count_documents({})
    key, content = str(uuid4()), body()

    async with intake.async_client() as client:
        answers = await asyncio.gather(
            *(client.post(URL, content=content, headers=headers(key)) for _ in range(100))
        )

        again = await client.post(URL, content=content, headers=headers(key))

    assert {answer.status_code for answer in answers} <= {HTTPStatus.ACCEPTED, HTTPStatus.CONFLICT}
    accepted = [each for each in answers if each.status_code == HTTPStatus.ACCEPTED]
    assert {answer.content for answer in accepted} == {again.content}
    for each in answers:
        if each not in accepted:
            problem(each, HTTPStatus.CONFLICT, "idempotency-key-in-progress")
            assert int(each.headers["retry-after"]) > 0
    assert intake.applications.count_documents({}) == before + 1


async def test_of_different_bodies_at_once_under_one_key_one_is_accepted(intake):
    key = str(uuid4())
    contents = [body(application={"project": {"title": f"Project {n}"}}) for n in range(20)]

    async with intake.async_client() as client:
        answers = await asyncio.gather(
            *(client.post(URL, content=each, headers=headers(key)) for each in contents)
        )

    accepted = [each for each in answers if each.status_code == HTTPStatus.ACCEPTED]
    assert len(accepted) == 1
    kept = intake.applications.find_one({"_id": accepted[0].json()["application_id"]})
    assert kept["application"]["project"]["title"] == f"Project {answers.index(accepted[0])}"
    assert {each.status_code for each in answers} <= {202, 409, 422}


def test_the_same_key_of_different_clients_is_different_applications(intake, client):
    key = str(uuid4())
    one, other = api_key(intake)[1], api_key(intake)[1]

    ids = {post(client, key=key, **who).json()["application_id"] for who in (one, other, {})}

    assert len(ids) == 3


@pytest.mark.parametrize("sent", [[], [""], ["a", "b"]])
def test_without_one_idempotency_key_a_request_is_refused(client, sent):
    given_headers = [("Content-Type", "application/json")]
    given_headers += [("Idempotency-Key", each) for each in sent]

    answer = client.post(URL, content=body(), headers=given_headers)

    problem(answer, HTTPStatus.BAD_REQUEST, "idempotency-key-missing")


@pytest.mark.parametrize("key", ["x" * 256, "with space", "\u00e9".encode("latin-1")])
def test_an_unusable_idempotency_key_is_refused(client, key):
    answer = client.post(URL, content=body(), headers={**headers(), "Idempotency-Key": key})

    problem(answer, HTTPStatus.BAD_REQUEST, "idempotency-key-invalid")


def test_bad_json_is_told_with_its_place(client):
    document = problem(post(client, b'{"application":\n'), HTTPStatus.BAD_REQUEST, "malformed-json")

    assert (document["line"], document["column"]) == (2, 0)


def test_an_unknown_stream_is_told_with_the_known_ones(client):
    answer = post(client, body(application={"stream": "solar-panels"}))

    document = problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-application")
    assert document["errors"][0]["pointer"] == "/application/stream"
    assert "'organisation-support'" in document["errors"][0]["detail"]


def test_a_rule_between_fields_is_told_like_one_of_a_field(client):
    project = {"starts_on": "2027-01-02", "ends_on": "2027-01-01"}

    answer = post(client, body(application={"project": project}))

    document = problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-application")
    assert document["errors"][0]["pointer"] == "/application/project/ends_on"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/json; charset=latin-1", "application/jsonx", ""],
)
def test_a_body_that_is_not_declared_as_json_is_refused(client, content_type):
    answer = post(client, Content_Type=content_type)

    problem(answer, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type")


def test_a_compressed_body_is_refused(client):
    answer = post(client, Content_Encoding="gzip")

    problem(answer, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type")


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", 'application/json;charset="utf-8"'],
)
def test_json_in_utf_8_is_taken_however_it_is_declared(client, content_type):
    assert post(client, Content_Type=content_type).status_code == HTTPStatus.ACCEPTED


def test_a_byte_order_mark_is_passed_over_and_a_repeat_may_be_without_it(client):
    content, key = body(), str(uuid4())

    first = post(client, b"\xef\xbb\xbf" + content, key=key)
    again = post(client, content, key=key)

    assert first.status_code == HTTPStatus.ACCEPTED
    assert again.content == first.content


def test_a_body_of_5_mb_is_refused_with_the_limit(client):
    document = problem(
        post(client, b"x" * 5_000_000), HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large"
    )

    assert document["limit_bytes"] == 256 * 1024
    assert "262144 bytes" in document["detail"]


def test_a_body_without_declared_length_is_refused_at_the_limit_too(client):
    def chunks():
        for _ in range(500):
            yield b"x" * 10_000

    answer = client.post(URL, content=chunks(), headers=headers())

    problem(answer, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large")


def test_a_body_of_exactly_the_limit_is_read(client):
    answer = post(client, body().ljust(256 * 1024))

    assert answer.status_code == HTTPStatus.ACCEPTED


def test_a_client_that_goes_away_is_counted_and_nothing_else(client, intake, caplog):
    before = intake.applications.count_documents({})
    url = urlsplit(intake.url)
    with socket.create_connection((url.hostname, url.port)) as connection:
        connection.sendall(
            b"POST /v1/applications HTTP/1.1\r\nHost: x\r\nIdempotency-Key: gone\r\n"
            b"Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
        )

    counted = 'cppp_applications_rejected_total{reason="body-cut-off",service="intake"} 1.0'
    eventually(lambda: counted in client.get("/metrics").text)
    assert intake.applications.count_documents({}) == before
    assert "Exception" not in caplog.text


def test_only_a_key_with_that_right_may_say_when_it_was_received(intake, client):
    content = body(received_at="2019-03-31T23:59:59+08:00")

    anonymous = post(client, content)
    without = post(client, content, **api_key(intake)[1])
    allowed = post(client, content, **api_key(intake, "backdate")[1])

    problem(anonymous, HTTPStatus.FORBIDDEN, "backdate-not-allowed")
    problem(without, HTTPStatus.FORBIDDEN, "backdate-not-allowed")
    assert allowed.json()["received_at"] == "2019-03-31T15:59:59Z"


def test_nothing_can_be_received_in_the_future(intake, client):
    answer = post(
        client, body(received_at="2999-01-01T00:00:00Z"), **api_key(intake, "backdate")[1]
    )

    document = problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-application")
    assert document["errors"][0]["pointer"] == "/received_at"


@pytest.mark.parametrize(
    "header",
    ["Bearer nonsense", "Basic YTpi", "Bearer " + new_key().text],
    ids=["nonsense", "another scheme", "an unknown key"],
)
def test_a_key_that_nobody_made_is_refused(client, header):
    answer = post(client, Authorization=header)

    problem(answer, HTTPStatus.UNAUTHORIZED, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="cppp"'


def test_a_revoked_key_stops_working_soon(infra):
    with running_intake(infra, INTAKE_KEY_CACHE_SECONDS="0.2") as intake, intake.client() as client:
        key_id, authorization = api_key(intake)
        assert post(client, **authorization).status_code == HTTPStatus.ACCEPTED

        intake.database["clients"].update_one({"_id": key_id}, {"$set": {"revoked_at": utc_now()}})

        answer = eventually(
            lambda: (
                (answer := post(client, **authorization)).status_code != HTTPStatus.ACCEPTED
                and answer
            ),
            within_seconds=4,  # without the setting it may take five
        )
        problem(answer, HTTPStatus.UNAUTHORIZED, "unauthenticated")


def test_anonymous_submissions_can_be_switched_off(infra):
    with running_intake(infra, INTAKE_ALLOW_ANONYMOUS="false") as intake, intake.client() as client:
        problem(post(client), HTTPStatus.UNAUTHORIZED, "unauthenticated")
        assert post(client, **api_key(intake)[1]).status_code == HTTPStatus.ACCEPTED


def test_a_wrong_path_and_a_wrong_method_are_told_what_to_do(client):
    problem(client.get("/v1/nothing"), HTTPStatus.NOT_FOUND, "not-found")
    answer = client.put(URL)
    problem(answer, HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"


def test_the_trace_of_a_request_reaches_the_topics(client, kafka):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    application_id = post(client, traceparent=trace).json()["application_id"]
    eventually(lambda: client.get(f"{URL}/{application_id}").json()["status"] == "published")

    [record] = [
        each
        for each in kafka.read("intake.applications.v1")
        if each.key() == application_id.encode()
    ]

    assert dict(record.headers())["traceparent"] == trace.encode()


def test_what_was_accepted_refused_and_repeated_is_counted(infra):
    with running_intake(infra) as intake, intake.client() as client:
        key, content = str(uuid4()), body()
        post(client, body("recognition"))
        post(client, content, key=key)
        post(client, content, key=key)
        post(client, body("verification"), key=key)
        post(client, b"{")
        text = client.get("/metrics").text

    assert 'cppp_applications_accepted_total{scheme="recognition",service="intake"} 1.0' in text
    assert 'cppp_applications_accepted_total{scheme="funding",service="intake"} 1.0' in text
    assert 'cppp_idempotent_replays_total{outcome="replayed",service="intake"} 1.0' in text
    assert 'cppp_idempotent_replays_total{outcome="mismatch",service="intake"} 1.0' in text
    for reason in ("malformed-json", "idempotency-key-reused"):
        assert f'cppp_applications_rejected_total{{reason="{reason}",service="intake"}} 1.0' in text


def test_a_running_service_is_ready(client):
    answer = eventually(
        lambda: (answer := client.get("/readyz")).json()["status"] == "ready" and answer
    )

    assert answer.json()["waiting_for"] == []


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.binary(max_size=200) | st.text(max_size=50).map(str.encode))
def test_no_body_leads_to_anything_but_a_problem(client, content):
    answer = post(client, content)

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_defect_is_answered_by_a_problem_counted_and_logged(infra, monkeypatch):
    def broken(*_arguments):
        raise ZeroDivisionError

    with running_intake(infra) as intake:
        with monkeypatch.context() as patch, intake.client() as client:
            patch.setattr(SubmissionService, "prepare", broken)
            problem(post(client), HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error")
        with intake.client() as client:  # the server has closed the other one's connection
            assert post(client).status_code == HTTPStatus.ACCEPTED
            text = client.get("/metrics").text

    for status in ("500", "202"):
        labels = f'method="POST",route="/v1/applications",service="intake",status="{status}"'
        assert f"cppp_http_requests_total{{{labels}}} 1.0" in text


def is_published(status):
    return status if status["status"] == "published" else None


@pytest.mark.parametrize("slashes", ["/", "//"])
def test_a_slash_at_the_end_of_the_path_makes_no_difference(client, slashes):
    sent, key = body(), str(uuid4())

    answer = client.post(f"{URL}{slashes}", content=sent, headers=headers(key))

    assert answer.status_code == HTTPStatus.ACCEPTED
    assert answer.headers["location"] == f"{URL}/{answer.json()['application_id']}"
    again = client.post(URL, content=sent, headers=headers(key))
    assert (again.json(), again.headers["etag"]) == (answer.json(), answer.headers["etag"])
    location = answer.headers["location"]
    published = eventually(lambda: is_published(client.get(location).json()))
    assert client.get(f"{location}{slashes}").json() == published
    changed = client.put(f"{location}{slashes}", content=sent, headers=headers())
    assert changed.status_code == HTTPStatus.ACCEPTED
    assert client.post(f"{URL}:batch{slashes}").status_code == HTTPStatus.FORBIDDEN


def test_head_is_answered_like_get_without_the_body(client):
    location = post(client).headers["location"]
    eventually(lambda: client.get(location).json()["status"] == "published")

    for path in (location, f"{URL}/{uuid4()}", f"{URL}/no-id", URL, f"{location}/withdrawal"):
        of_get, of_head = client.get(path), client.head(path)
        for each in (of_get, of_head):
            each.headers.pop("date")
        assert (of_head.status_code, of_head.content) == (of_get.status_code, b"")
        assert dict(of_head.headers) == dict(of_get.headers)
    assert client.head(f"{location}/withdrawal").headers["allow"] == "POST"
    assert client.head(location).headers["etag"] == client.get(location).headers["etag"]


@pytest.mark.parametrize("path", [URL, f"{URL}/", f"{URL}/383dd6c4-d698-8d4c-899f-4659b671ad9c"])
def test_a_submission_whose_body_does_not_go_on_is_refused(infra, path):
    method = "PUT" if path[len(URL) :].strip("/") else "POST"
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers().items())
    head = f"{method} {path} HTTP/1.1\r\nHost: a\r\n{fields}Content-Length: 9000\r\n\r\n"
    with (
        running_intake(infra, HTTP_BODY_SECONDS="0.3") as intake,
        line_to(intake.url) as line,
        intake.client() as client,
    ):
        line.send(head.encode() + b"{")
        answer = line.answer()
        assert line.rest() == b""
        metrics = client.get("/metrics").text
        assert intake.applications.count_documents({}) == 0

    assert answer.status == HTTPStatus.REQUEST_TIMEOUT
    assert b"urn:cppp:problem:request-timeout" in answer.body
    assert 'reason="request-timeout"' in metrics
    assert f'method="{method}"' in metrics
    assert 'status="408"} 1.0' in metrics
