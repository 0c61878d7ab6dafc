"""A prefilled application: what is stated is in it, and intake asks for exactly what is blank."""

import json
from typing import get_args

import pytest

from services.intake.submission.body import Submission
from services.portal.draft import draft
from shared.events.intake import FundingStream
from shared.http.body_reader import BodyReader
from shared.http.problems import Problem

STREAMS = get_args(FundingStream)
COMPLETE = {
    "enterprise": {"name": "Sample", "business_registration_number": "99000600"},
    "connection": {"ground": "2"},
    "factory": {
        "registration_number": "99000603-001",
        "name": "Sample",
        "place": "hong-kong",
        "city": "Hong Kong",
        "industry": "textiles",
    },
    "technology": {"name": "Ink", "on_technology_list": True, "developed_by": "others"},
    "organisation": {"name": "Trade", "kind": "trade-association", "based_in_hong_kong": True},
    "project": {
        "title": "Ink",
        "cost_cents": 1,
        "starts_on": "2027-01-01",
        "ends_on": "2027-01-31",
    },
}


def complaints(line):
    with pytest.raises(Problem) as refused:
        BodyReader(Submission).read(line)
    return {each.pointer for each in refused.value.errors}


@pytest.mark.parametrize("stream", STREAMS)
def test_whatever_is_not_stated_is_blank_and_asked_for(stream):
    made = draft({"stream": stream}, "zh-Hant")

    assert complaints(made.line) == {*made.blanks}
    assert json.loads(made.line)["contact"]["language"] == "zh-Hant"


@pytest.mark.parametrize("stream", STREAMS)
def test_whatever_is_stated_is_kept(stream):
    parts = json.loads(draft({"stream": stream}, "en").line)["application"]
    stated = {"stream": stream} | {k: v for k, v in COMPLETE.items() if k in parts}
    made = draft(stated, "en")

    assert {*made.blanks} == {"/contact/name", "/contact/email"} == complaints(made.line)
    assert json.loads(made.line)["application"] == stated
    assert made.line.count(b"\n") == 1
