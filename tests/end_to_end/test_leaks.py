"""The search for personal values finds them in every form, and nothing else."""

import base64
import json
import logging
import sys

import pytest

from tests.end_to_end.leaks import TEXT_FORMS, leaks

PEOPLE = ("Zorvald Quillfeather", "zorvald.q@quillmail.example", "+852 5550 1234", "陳小鳳凰")
INNOCENT = """
{"event": "record.dead_lettered", "topic": "intake.contacts.v1", "offset": 17, "error": "email: value_error"}
cppp_http_requests_total{method="POST",route="/v1/applications",status="202"} 55501.0
cppp_batch_seconds_sum{service="intake"} 0.55501234
{"correlation_id": "0af7651916cd43dd8448eb211c80319c", "answer": "rcpt-550-5.1.1"}
"""  # noqa: E501


def found_in(text: str) -> set[str]:
    return {each.value for each in leaks({"log": f"{INNOCENT}{text}{INNOCENT}"}, PEOPLE)}


def test_nothing_is_found_where_nothing_is():
    assert found_in("") == set()


@pytest.mark.parametrize("value", PEOPLE)
@pytest.mark.parametrize("form", TEXT_FORMS.values(), ids=TEXT_FORMS)
def test_a_value_is_found_in_any_form_and_case(value, form):
    assert value in found_in(f"x{form(value)}y")
    assert value in found_in(form(value).upper())


@pytest.mark.parametrize("value", PEOPLE)
@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_value_is_found_in_the_base64_of_whatever_is_around_it(value, before, encode):
    assert value in found_in(encode(f"{before}{value} or so".encode()).decode())


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("Zorvald", PEOPLE[0]),
        ("QUILLFEATHER", PEOPLE[0]),
        ("zorvald.q", PEOPLE[1]),
        ("quillmail.example", PEOPLE[1]),
        ("55501234", PEOPLE[2]),
        ("tel=55501234", PEOPLE[2]),
        ("85255501234", PEOPLE[2]),
    ],
)
def test_a_part_of_a_value_is_found(part, value):
    assert value in found_in(part)


def test_where_it_was_found_is_said():
    found = leaks({"notify": "all is well", "intake": "no mailbox <quillmail.example>"}, PEOPLE)

    assert {(each.source, each.value) for each in found} == {("intake", PEOPLE[1])}
    assert "plain" in {each.form for each in found}
    assert all("no mailbox" in each.around for each in found)


def test_a_traceback_as_a_careless_service_would_log_it_is_a_leak():
    try:
        int(PEOPLE[1])
    except ValueError:
        careless = logging.Formatter().formatException(sys.exc_info())

    assert PEOPLE[1] in found_in(json.dumps({"exception": careless}))
