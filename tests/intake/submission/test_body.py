"""What a client hears about a body that is not right: where, and which rule; never its data."""

import gzip
import json
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.submission.body import SUBMISSION, read_submission
from services.intake.submission.examples import EXAMPLES
from shared.http.field_errors import PATTERNS, unions_of
from shared.http.problems import Problem
from tests.intake.submissions import body, submission


def problem_with(content: bytes) -> Problem:
    with pytest.raises(Problem) as raised:
        read_submission(content)
    return raised.value


def errors_in(content: bytes) -> dict[str, str]:
    problem = problem_with(content)
    assert problem.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert problem.kind == "invalid-application"
    return {each.pointer: each.detail for each in problem.errors}


@pytest.mark.parametrize("stream", EXAMPLES)
def test_every_example_is_a_submission_to_its_stream(stream):
    read = read_submission(json.dumps(EXAMPLES[stream]).encode())

    assert read.application.stream == stream


def test_there_is_an_example_for_every_stream():
    known = errors_in(body(application={"stream": "unknown"}))["/application/stream"]

    assert set(EXAMPLES) == {each.strip("' .") for each in known.split("one of ")[1].split(",")}


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        (b"", 1, 0),
        (b'{"application": }', 1, 17),
        (b'{"a": 1,\n "b": tru}', 2, 10),
        (b'{"a": "\xff"}', 1, 8),
    ],
)
def test_what_is_not_json_is_told_with_line_and_column(content, line, column):
    problem = problem_with(content)

    assert problem.status == HTTPStatus.BAD_REQUEST
    assert problem.kind == "malformed-json"
    assert problem.more == {"line": line, "column": column}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ('{"a": 1}'.encode("utf-16"), "UTF-16"),
        ('{"a": 1}'.encode("utf-16-be"), "UTF-16"),
        ('{"a": 1}'.encode("utf-32"), "UTF-32"),
        ('{"a": "光輝紡織有限公司"}'.encode("big5"), "Big5"),
        ('{"a": "光辉纺织有限公司"}'.encode("gb18030"), "GB18030"),
        (gzip.compress(b"{}", mtime=0), "gzip"),
    ],
)
def test_a_body_in_another_form_is_named(content, named):
    problem = problem_with(content)

    assert problem.status == HTTPStatus.BAD_REQUEST
    assert problem.kind == "malformed-json"
    assert problem.detail.startswith(f"The body is {named}")
    assert problem.detail.endswith("Must be JSON in UTF-8, not compressed.")


@pytest.mark.parametrize("address", ["用户@例子.cn", "用户@example.org", "josé@example.org"])
def test_that_only_ascii_is_taken_before_the_at_sign_is_said(address):
    told = errors_in(body(contact={"email": address}))["/contact/email"]

    assert told.startswith("Must be an e-mail address with only ASCII characters before the @")


def test_a_domain_may_have_other_characters():
    assert read_submission(body(contact={"email": "name@例子.cn"})).contact.email == "name@例子.cn"


@pytest.mark.parametrize("content", [b"[]", b"null", b'"text"', b"1"])
def test_a_body_that_is_no_object_is_told_at_its_root(content):
    assert errors_in(content) == {"": "Must be an object."}


def test_every_error_is_told_at_once():
    errors = errors_in(
        body(
            application={
                "project": {"cost_cents": -1, "starts_on": "2026-02-30"},
                "enterprise": {"business_registration_number": "1"},
            },
            contact={"email": "nobody", "language": "fr"},
        )
    )

    assert set(errors) == {
        "/application/project/cost_cents",
        "/application/project/starts_on",
        "/application/enterprise/business_registration_number",
        "/contact/email",
        "/contact/language",
    }


@pytest.mark.parametrize(
    ("change", "pointer", "rule"),
    [
        ({"application": {"stream": "x"}}, "/application/stream", "Must be one of 'assessment',"),
        (
            {"application": {"connection": {"ground": "9"}}},
            "/application/connection/ground",
            "Must be one of '1a', '1b', '2', '1c', '1d', '3'.",
        ),
        ({"application": {"connection": {"ground": "1d"}}}, "/same_resident", "Must be given."),
        (
            {"application": {"connection": {"ground": "3", "processes": []}}},
            "/application/connection/processes",
            "Must not be empty.",
        ),
        (
            {"application": {"connection": {"ground": "3", "processes": ["other", "x"]}}},
            "/application/connection/processes/1",
            "Must be 'paint-spraying-and-curing',",
        ),
        (
            {"application": {"further_grounds": [{"ground": "1a"}, {"ground": "1d"}]}},
            "/application/further_grounds/1/same_resident",
            "Must be given.",
        ),
        (
            {"application": {"further_grounds": [{"ground": "9"}]}},
            "/application/further_grounds/0/ground",
            "Must be one of '1a', '1b', '2', '1c', '1d', '3'.",
        ),
        (
            {"application": {"further_grounds": [{}]}},
            "/application/further_grounds/0/ground",
            "Must be given.",
        ),
        (
            {"application": {"further_grounds": [{"ground": "2"}] * 11}},
            "/application/further_grounds",
            "at most 10 items",
        ),
        (
            {"application": {"further_grounds": [{"ground": "2", "name": "x"}]}},
            "/application/further_grounds/0/name",
            "Must not be given here",
        ),
        (
            {"application": {"further_grounds": {"ground": "2"}}},
            "/application/further_grounds",
            "Must be a list.",
        ),
        (
            {"application": {"enterprise": {"business_registration_valid_until": "2027-02-29"}}},
            "/application/enterprise/business_registration_valid_until",
            "Must be a valid date",
        ),
        ({"application": {"factory": {"owned_by": "me"}}}, "/factory/owned_by", "Must be 'equity"),
        ({"application": {"project": {"requested_cents": 0}}}, "/requested_cents", "greater than"),
        (
            {"application": {"project": {"other_public_funding": "no"}}},
            "/application/project/other_public_funding",
            "Must be true or false.",
        ),
        (
            {"application": {"repeat": {"earlier_case_number": "1", "recognition": {}}}},
            "/application/repeat/recognition/level",
            "Must be given.",
        ),
        ({"application": {"project": {"title": "a\nb"}}}, "/application/project/title", "one line"),
        ({"application": {"project": {"title": "a\u202eb"}}}, "/title", "one line"),
        ({"application": {"project": {"title": ""}}}, "/title", "Must not be empty."),
        ({"application": {"project": {"cost_cents": 1.5}}}, "/cost_cents", "whole number"),
        ({"application": {"project": {"cost_cents": "1"}}}, "/cost_cents", "whole number"),
        ({"contact": {"email": "a b@example.org"}}, "/contact/email", "e-mail address"),
        ({"contact": {"telephone": "call me"}}, "/contact/telephone", "telephone number"),
        ({"received_at": "2026-01-01T00:00:00"}, "/received_at", "time zone"),
        ({"extra/with~signs": 1}, "/extra~1with~0signs", "Must not be given here"),
        ({"application": None}, "/application", "Must be an object."),
    ],
)
def test_an_error_is_told_at_its_place_in_plain_words(change, pointer, rule):
    errors = errors_in(body(**change))
    rules = [what for where, what in errors.items() if where.endswith(pointer)]

    assert len(rules) == 1
    assert rule in rules[0]


def test_a_union_without_its_kind_is_told_at_the_kind():
    content = submission()
    del content["application"]["stream"]

    assert "/application/stream" in errors_in(json.dumps(content).encode())


def test_no_data_is_repeated():
    typed = "Robert'); DROP"
    content = body(
        application={"stream": typed, "project": {"title": f"{typed}\n", "cost_cents": typed}},
        contact={"email": typed, "name": f"\x00{typed}", "language": typed},
    )

    assert typed not in str(problem_with(content).response().body)


def test_very_many_errors_and_very_long_names_are_cut_short():
    content = json.dumps({**submission(), **{f"{n}{'x' * 5_000}": 1 for n in range(500)}})

    problem = problem_with(content.encode())

    assert len(problem.errors) == 101
    assert problem.errors[-1].detail == "And 400 more errors."
    assert len(problem.response().body) < 20_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["application", "contact", "stream", "x"]), inner)
    ),
)


@given(VALUES)
def test_whatever_comes_is_answered_by_a_problem(value):
    assert problem_with(json.dumps(value).encode()).status in {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }


def test_every_pattern_is_explained_in_plain_words():
    def patterns(schema) -> set[str]:
        if isinstance(schema, list):
            return set().union(*map(patterns, schema))
        if not isinstance(schema, dict):
            return set()
        is_own = isinstance(schema.get("pattern"), str) and "format" not in schema
        own = {schema["pattern"]} if is_own else set()
        return own.union(*map(patterns, schema.values()))

    assert patterns(SUBMISSION.json_schema()) - {_decimal_pattern()} <= set(PATTERNS)


def _decimal_pattern() -> str:
    schema = SUBMISSION.json_schema()["$defs"]["ResidentShareholding"]["properties"]
    texts = [each for each in schema["mainland_share_percent"]["anyOf"] if "pattern" in each]
    return texts[0]["pattern"] if texts else ""


def test_every_field_that_holds_one_of_several_kinds_is_known():
    assert unions_of(SUBMISSION.json_schema()) == {
        "application": "stream",
        "connection": "ground",
        "further_grounds": "ground",
        "candidacy": "category",
    }
