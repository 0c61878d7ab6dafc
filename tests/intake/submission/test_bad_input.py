"""Bad input is refused with the field and the rule, and nothing of it goes any further."""

import json
from copy import deepcopy
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from confluent_kafka import Consumer, TopicPartition

from tests.intake.http import problem
from tests.intake.submissions import headers, submission
from tests.waiting import DEADLINE_SECONDS, eventually

URL = "/v1/applications"
SOME_ID = "d51b78c8-8142-4802-ae2c-2abaf60bc612"
COST = "/application/project/cost_cents"
TITLE = "/application/project/title"
STARTS_ON = "/application/project/starts_on"
SHARE = "/application/connection/mainland_share_percent"
TOPICS = ("intake.applications.v1", "intake.contacts.v1")


WHOLE_SUBMISSION = submission(
    application={
        "connection": {
            "ground": "1d",
            "mainland_share_percent": 60,
            "hong_kong_share_percent": 60,
            "same_resident": True,
        }
    }
)


def body(pointer: str, text: str) -> bytes:
    """Write a submission that has this text, as it stands, in one place."""
    content = deepcopy(WHOLE_SUBMISSION)
    place: Any = content
    *way, last = pointer.split("/")[1:]
    for part in way:
        place = place[part]
    place[last] = "HERE"
    return json.dumps(content).replace('"HERE"', text).encode()


@dataclass(frozen=True)
class Case:
    """A text in one place of a submission, and what is reported about it, and where."""

    name: str
    pointer: str
    text: str
    reported_at: str
    rule: str

    @property
    def body(self) -> bytes:
        return body(self.pointer, self.text)


WHOLE = "Must be a whole number"
FINITE = "Must be a finite number."
ONE_LINE = "Must be on one line"
SURROGATE = "surrogate"
ADDRESS = "Must be an e-mail address"
UNKNOWN = "Must not be given here"
CASES = [Case(*each) for each in [
    ("a negative amount", COST, "-1", COST, "Must be greater than 0."),
    ("nothing as amount", COST, "0", COST, "Must be greater than 0."),
    ("a fraction of a cent", COST, "100.5", COST, WHOLE),
    ("an amount in exponents", COST, "1e5", COST, WHOLE),
    ("an amount as text", COST, '"100"', COST, WHOLE),
    ("an absurd amount", COST, "100000000001", COST, "less than or equal to 100000000000."),
    ("an amount beyond 64 bits", COST, "9" * 30, COST, "less than or equal to 100000000000."),
    ("5,000 digits", COST, "9" * 5_000, COST, "Must be a number of at most 400 digits."),
    ("an infinite amount", COST, "Infinity", COST, WHOLE),
    ("a negative infinite amount", COST, "-Infinity", COST, WHOLE),
    ("an amount that is no number", COST, "NaN", COST, WHOLE),
    ("an amount beyond all floats", COST, "1e999", COST, WHOLE),
    ("true as amount", COST, "true", COST, WHOLE),
    ("30 February", STARTS_ON, '"2027-02-30"', STARTS_ON, "Must be a valid date"),
    ("29 February of no leap year", STARTS_ON, '"2027-02-29"', STARTS_ON, "Must be a valid date"),
    ("a day as number", STARTS_ON, "20270101", STARTS_ON, "Must be a valid date"),
    ("seconds as day", STARTS_ON, '"1796083200"', STARTS_ON, "Must be a valid date"),
    ("a zero as day", STARTS_ON, '"0"', STARTS_ON, "Must be a valid date"),
    ("seconds as moment", "/received_at", '"1796083200"', "", "Must be a valid datetime"),
    ("a zero as moment", "/received_at", '"0"', "", "Must be a valid datetime"),
    ("seconds in exponents as moment", "/received_at", '"1.5e9"', "", "Must be a valid datetime"),
    ("a moment without seconds", "/received_at", '"2026-01-01T00:00Z"', "", "valid datetime"),
    ("a moment with a space", "/received_at", '"2026-01-01 00:00:00Z"', "", "valid datetime"),
    ("a zone without colon", "/received_at", '"2026-01-01T00:00:00+0800"', "", "valid datetime"),
    ("a share in exponents, small", SHARE, '"1e1"', SHARE, "Must be a plain decimal number"),
    ("a share with underscores", SHARE, '"1_0"', SHARE, "Must be a plain decimal number"),
    ("a share with a sign", SHARE, '"+5"', SHARE, "Must be a plain decimal number"),
    ("a share with a space", SHARE, '" 5"', SHARE, "Must be a plain decimal number"),
    ("a share in other digits", SHARE, '"\\u0665"', SHARE, "Must be a plain decimal number"),
    ("true as share", SHARE, "true", SHARE, "Must be a number."),
    ("a share above 100 %", SHARE, "100.0001", SHARE, "Must be less than or equal to 100."),
    ("a negative share", SHARE, "-0.0001", SHARE, "Must be greater than or equal to 0."),
    ("a share that is no number", SHARE, "NaN", SHARE, FINITE),
    ("a share that is no number, as text", SHARE, '"NaN"', SHARE, FINITE),
    ("an infinite share", SHARE, '"Infinity"', SHARE, FINITE),
    ("a share too fine to be one", SHARE, '"50.00001"', SHARE, "4 decimal places at most."),
    ("a share in exponents", SHARE, '"1e3"', SHARE, "3 digits before the decimal point at most."),
    ("a repeated key", TITLE, '"a", "title": "b"', TITLE, "Must appear once"),
    ("a repeated key, once escaped", TITLE, '"a", "\\u0074itle": "b"', TITLE, "Must appear once"),
    ("a repeated amount", COST, '1, "cost_cents": 2', COST, "Must appear once"),
    ("half a surrogate pair", TITLE, '"a\\ud800"', TITLE, SURROGATE),
    ("the other half", TITLE, '"\\udc00"', TITLE, SURROGATE),
    ("half a surrogate pair in an address", "/contact/email", '"\\ud800@a.org"', "", SURROGATE),
    ("a null byte", TITLE, '"a\\u0000b"', TITLE, ONE_LINE),
    ("a raw null byte", TITLE, '"a\x00b"', TITLE, ONE_LINE),
    ("a null byte in an address", "/contact/email", '"a\\u0000@a.org"', "", ADDRESS),
    ("a right-to-left mark", TITLE, '"\\u200f"', TITLE, ONE_LINE),
    ("a right-to-left mark, as it is", TITLE, '"\u200f"', TITLE, ONE_LINE),
    ("a right-to-left override", TITLE, '"a\\u202efdp.exe"', TITLE, ONE_LINE),
    ("a right-to-left isolate", TITLE, '"a\\u2067b"', TITLE, ONE_LINE),
    ("an Arabic letter mark", TITLE, '"a\\u061Cb"', TITLE, ONE_LINE),
    ("a mark in a name", "/contact/name", '"a\\u200fb"', "", ONE_LINE),
    ("a mark beside an address", "/contact/email", '"\\u202ea <a@a.org>"', "", ADDRESS),
    ("CR and LF in a name", "/contact/name", '"a\\r\\nBcc: b@b.org"', "", ONE_LINE),
    ("LF in a name", "/contact/name", '"a\\nb"', "", ONE_LINE),
    ("CR in an address", "/contact/email", '"a@a.org\\rBcc: b@b.org"', "", ADDRESS),
    ("LF behind an address", "/contact/email", '"a@a.org\\n"', "", ADDRESS),
    ("an address with a name", "/contact/email", '"A\\r\\nX: y <a@a.org>"', "", ADDRESS),
    ("LF in a title", TITLE, '"a\\nb"', TITLE, ONE_LINE),
    ("a line separator", TITLE, '"a\\u2028b"', TITLE, ONE_LINE),
    ("a name of nothing but spaces", "/contact/name", '"    "', "", ONE_LINE),
    ("a title of nothing but wide spaces", TITLE, '"\\u3000"', TITLE, ONE_LINE),
    ("a name of a zero-width space", "/contact/name", '"\\u200b"', "", ONE_LINE),
    ("a name of a Hangul filler", "/contact/name", '"\\u3164"', "", ONE_LINE),
    ("a title of a braille blank", TITLE, '"\\u2800"', TITLE, ONE_LINE),
    ("a title of an accent alone", TITLE, '"\\u0301"', TITLE, ONE_LINE),
    ("a title of private use", TITLE, '"\\ue000"', TITLE, ONE_LINE),
    ("a noncharacter", TITLE, '"a\\ufdd0"', TITLE, ONE_LINE),
    ("a noncharacter beyond the first plane", TITLE, '"a\\ud83f\\udfff"', TITLE, ONE_LINE),
    ("an address no server can handle", "/contact/email", '"\\u7528\\u6236@a.org"', "", ADDRESS),
    ("CR in a telephone number", "/contact/telephone", '"23456789\\r"', "", "telephone number"),
    ("LF in a registration number", "/application/factory/registration_number", '"91441900\\n"',
     "", "capital letters"),
    ("a number that a spreadsheet shows", "/application/factory/registration_number",
     '"9.14419E+17"', "", "If a spreadsheet shows it as 9.14E+17"),
    ("a $-key", "/$where", '"1"', "/$where", UNKNOWN),
    ("a $-key in an object", "/application/$set", '{"stream": "x"}', "", UNKNOWN),
    ("an operator for a text", TITLE, '{"$gt": ""}', TITLE, "Must be text"),
    ("an operator for an amount", COST, '{"$gt": 0}', COST, WHOLE),
    ("a dotted key", "/application/project.cost_cents", "1", "", UNKNOWN),
    ("a text nested 300 deep", TITLE, "[" * 300 + "]" * 300, f"{TITLE}/0/0/0/0/0", "so deeply"),
    ("a text nested 50,000 deep", TITLE, "[" * 50_000, f"{TITLE}/0/0/0/0/0", "so deeply"),
    ("objects nested 300 deep", "/application/a", '{"a":' * 300 + "1" + "}" * 300,
     "/application" + "/a" * 7, "so deeply"),
    ("a nesting that parsers take", TITLE, "[" * 20 + "]" * 20, TITLE, "Must be text"),
]]  # fmt: skip


each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture(scope="module")
def published(infra, intake):
    """Count what is on the topics, by their ends."""
    with intake.client() as client:
        answer = client.post(URL, content=json.dumps(submission()), headers=headers())
        location = answer.headers["location"]
        eventually(lambda: client.get(location).json()["status"] == "published")
    settings = {"bootstrap.servers": infra.kafka_bootstrap_servers, "group.id": "bad-input"}
    consumer = Consumer(settings)
    known = consumer.list_topics(timeout=DEADLINE_SECONDS).topics
    parts = [TopicPartition(topic, part) for topic in TOPICS for part in known[topic].partitions]
    yield lambda: sum(
        consumer.get_watermark_offsets(each, timeout=DEADLINE_SECONDS)[1] for each in parts
    )
    consumer.close()


def refused(case: Case, intake, answer, kept_before: int) -> None:
    document = problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-application")
    reported = {each["pointer"]: each["detail"] for each in document["errors"]}
    assert case.rule in reported[case.reported_at or case.pointer]
    assert intake.applications.count_documents({}) == kept_before
    assert not intake.applications.find_one({"outbox": {"$exists": True}})


@each_case
def test_it_is_refused_and_neither_kept_nor_published(intake, client, published, case):
    kept_before, on_topics_before = intake.applications.count_documents({}), published()

    answer = client.post(URL, content=case.body, headers=headers())

    refused(case, intake, answer, kept_before)
    assert published() == on_topics_before


@each_case
def test_an_amendment_with_it_is_refused_alike(intake, client, case):
    kept_before = intake.applications.count_documents({})

    answer = client.put(f"{URL}/{uuid4()}", content=case.body, headers=headers())

    refused(case, intake, answer, kept_before)


def test_the_same_body_with_ordinary_values_is_taken(client):
    """Otherwise every case above could be refused for another reason."""
    for pointer, text in (
        (COST, "100"),
        (TITLE, '"\\u6e05\\u6f54: \\u751f\\u7522"'),
        (SHARE, "99.9999"),
    ):
        answer = client.post(URL, content=body(pointer, text), headers=headers())
        assert answer.status_code == HTTPStatus.ACCEPTED, answer.text


@pytest.mark.parametrize(
    ("number", "rule"),
    [("--------", "at least 8 letters or digits"), ("914419000000000000", "Format the column")],
)
def test_a_factory_without_a_usable_number_is_refused_when_submitted_and_when_amended(
    intake, client, number, rule
):
    pointer = "/application/factory/registration_number"
    case = Case("", pointer, f'"{number}"', "", rule)
    location = client.post(URL, content=body(TITLE, '"a"'), headers=headers()).headers["location"]
    kept_before = intake.applications.count_documents({})

    for answer in (
        client.post(URL, content=case.body, headers=headers()),
        client.put(location, content=case.body, headers=headers()),
    ):
        document = problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-application")
        [reported] = document["errors"]
        assert reported["pointer"] == pointer
        assert rule in reported["detail"]
    assert intake.applications.count_documents({}) == kept_before


@pytest.mark.parametrize(
    "malformed",
    [
        "not-an-id",
        "00000000-0000-0000-0000-00000000000G",
        SOME_ID.replace("-", ""),
        f"{SOME_ID}:2",
        f"{SOME_ID}\n",
        f"{SOME_ID}\0",
        '{"$ne":null}',
        "\u200f",
    ],
)
@pytest.mark.parametrize(("method", "below"), [("GET", ""), ("PUT", ""), ("POST", "/withdrawal")])
def test_an_id_that_is_no_uuid_is_refused_with_a_plain_rule(client, method, below, malformed):
    answer = client.request(
        method, f"{URL}/{quote(malformed)}{below}", headers=headers(), content=b""
    )

    document = problem(answer, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-parameter")
    [reported] = document["errors"]
    assert reported["pointer"] == "/path/application_id"
    assert reported["detail"].startswith("Must be a UUID, such as ")
    assert "[0-9a-f]" not in answer.text
