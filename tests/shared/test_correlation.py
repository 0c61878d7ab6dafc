"""The correlation id of a request: the trace id of its `traceparent`, or a new one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.correlation import carry, correlation_id_of, traceparent_of

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NOT_VALID = [
    None,
    "",
    "ff" + TRACE[2:],
    f"00-{'0' * 32}-b7ad6b7169203331-01",
    f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
    TRACE.upper(),
    TRACE + "-more",
    f"{TRACE}\n",
]


def request(traceparent: str | None) -> dict:
    headers = [] if traceparent is None else [(b"traceparent", traceparent.encode("latin-1"))]
    return {"headers": headers}


def test_it_is_the_trace_id():
    assert correlation_id_of(TRACE) == "0af7651916cd43dd8448eb211c80319c"
    assert correlation_id_of(TRACE.encode()) == correlation_id_of(TRACE)


@pytest.mark.parametrize("text", [*NOT_VALID, b"\xff", "chan@example.com"])
def test_what_is_no_trace_context_has_none(text):
    assert correlation_id_of(text) == ""


def test_a_valid_trace_goes_on():
    assert traceparent_of(request(TRACE)) == TRACE


@pytest.mark.parametrize("header", NOT_VALID)
def test_without_a_valid_trace_a_new_one_begins(header):
    new_trace = traceparent_of(request(header))

    assert new_trace != header
    assert correlation_id_of(new_trace)


@given(st.text(st.characters(max_codepoint=255)))
def test_whatever_a_request_says_its_trace_is_valid(header):
    assert correlation_id_of(traceparent_of(request(header)))


def test_a_new_trace_is_recorded_by_nobody():
    assert traceparent_of(request(None)).endswith("-00")


def test_while_a_request_is_traced_its_events_follow_from_its_span():
    scope = request(TRACE)
    span = f"{TRACE[:36]}{1:016x}-01"
    carry(scope, span)

    assert traceparent_of(scope) == span


def test_a_request_has_one_trace():
    scope = request(None) | {"state": {}}

    assert traceparent_of({**scope}) == traceparent_of(scope)
