"""Doors and their published schemas agree: on generated documents, and rule by rule.

What a schema refuses is refused. What a schema takes is taken, but for the rules that no schema can
say: `BEYOND_SCHEMA`, each with a document that breaks it.
"""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.eligibility.assessments.openapi import EXAMPLES as DRY_RUNS
from services.eligibility.assessments.questions import AssessmentRequest, completed
from services.intake.rules import breaches
from services.intake.submission.body import SUBMISSION
from services.intake.submission.examples import EXAMPLES
from shared.credit_codes import factory_number_flaw
from shared.events.between_fields import application_breaches
from shared.events.casework import CaseRuled, ObjectionReceived, ProjectCompleted
from shared.events.doors import at_doors
from shared.events.intake import ApplicationSubmitted, ContactRegistered
from shared.http.json_flaws import flaws
from tests.contracts.generated import VALUES, FromSchema

NOW = datetime(2026, 11, 3, tzinfo=UTC)
# The sentences of a ruling have a check of their own, with this rule.
CONTROL = "Must be on one line, without control characters or marks that change its direction."
ID = "383dd6c4-d698-8d4c-899f-4659b671ad9c"
RULING = {
    "application_id": ID,
    "version": 1,
    "ruling_id": "R-1",
    "step": "notice-period",
    "ruling": "approved",
    "ruled_at": "2026-11-20T15:00:00+08:00",
    "notice_from": "2026-11-20",
    "reasons": [{"code": "c", "source": "s", "en": "e", "zh_hant": "t", "zh_hans": "s"}],
}
OBJECTION = {
    "application_id": ID,
    "objection_id": "O-1",
    "received_at": "2026-11-23T10:00:00+08:00",
    "case_number": "CP-2026-0001",
}
COMPLETION = {
    "application_id": ID,
    "stream": "assessment",
    "factory_registration_number": "91441900MA4W8Q2K1X",
    "completed_on": "2024-05-31",
    "report_approved": True,
    "recommended_measures": ["Heat recovery"],
}


def _flaws(body: bytes) -> set[str]:
    return {each.rule for each in flaws(body)} - {CONTROL}


class Door:
    """A type as doors read it, beside its schema."""

    def __init__(
        self,
        adapter: TypeAdapter[Any],
        documents: list[dict[str, Any]],
        breaches: Callable[[Any], set[str]] = lambda _: set(),
    ) -> None:
        self.adapter = adapter
        self._breaches = breaches
        self.schema = adapter.json_schema()
        self.documents = documents
        self._validator = jsonschema_rs.Draft202012Validator(self.schema, validate_formats=True)

    def schema_takes(self, document: Any) -> bool:
        return self._validator.is_valid(document)

    def refusals(self, body: bytes) -> set[str]:
        """Return the code of every rule that a document breaks."""
        try:
            data = self.adapter.validate_json(body)
        except ValidationError as error:
            found = {str(each["type"]) for each in error.errors()}
        else:
            found = self._breaches(data)
        return found | _flaws(body)


SUBMISSIONS = Door(
    SUBMISSION,
    [{**each, "received_at": "2026-11-02T09:30:00+08:00"} for each in EXAMPLES.values()],
    lambda data: {each.rule for each in breaches(data.application, data.received_at, NOW)},
)
DOORS = {
    "Submission": SUBMISSIONS,
    "CaseRuled": Door(TypeAdapter(at_doors(CaseRuled)), [RULING]),
    "ObjectionReceived": Door(TypeAdapter(at_doors(ObjectionReceived)), [OBJECTION]),
    "ProjectCompleted": Door(TypeAdapter(at_doors(ProjectCompleted)), [COMPLETION]),
    "AssessmentRequest": Door(
        TypeAdapter(at_doors(AssessmentRequest)),
        [*DRY_RUNS.values()],
        lambda data: {each.rule for each in application_breaches(completed(data.application))},
    ),
}


def changed(pointer: str, value: Any) -> Callable[[], bytes]:
    """Write the example with another value in one place."""

    def written() -> bytes:
        document = deepcopy(EXAMPLES["verification"])
        place: Any = document
        *way, last = pointer.split("/")[1:]
        for part in way:
            place = place[part]
        place[last] = value
        return json.dumps(document).encode()

    return written


COST, TITLE = "/application/project/cost_cents", "/application/project/title"
SHARE, STARTS = "/application/connection/mainland_share_percent", "/application/project/starts_on"
NUMBER = "/application/factory/registration_number"
REPEATED = {
    "application": {
        **EXAMPLES["assessment"]["application"],
        "repeat": {"earlier_case_number": "--"},
    }
}
ENDS, RECEIVED = "/application/project/ends_on", "/received_at"
BEYOND_SCHEMA = {
    "whole-number": ("int_type", changed(COST, 100.0)),
    "share-decimals": ("decimal_max_places", changed(SHARE, 50.00001)),
    "day-of-calendar": ("date_form", changed(STARTS, "0000-01-01")),
    "leap-second": ("datetime_form", changed(RECEIVED, "2016-12-31T23:59:60Z")),
    "address": ("value_error", changed("/contact/email", "name@example.invalid")),
    "end-before-start": ("Must not be before starts_on.", changed(ENDS, "2001-01-01")),
    "received-in-future": (
        "Must not be in the future.",
        changed(RECEIVED, "2027-01-01T00:00:00Z"),
    ),
    "received-before-programme": (
        "Must not be before 2008, when the Programme started.",
        changed(RECEIVED, "2007-12-31T00:00:00Z"),
    ),
    "number-too-short": (
        "Must have at least 8 letters or digits.",
        changed(NUMBER, "--------"),
    ),
    "number-shortened": (
        factory_number_flaw("914419000000000000"),
        changed(NUMBER, "914419000000000000"),
    ),
    "case-number": (
        "Must have a letter or a digit.",
        lambda: json.dumps({**EXAMPLES["assessment"], **REPEATED}).encode(),
    ),
    **{
        f"fact-of-another-ground-{ground}": (
            f"Must be left out: ground {ground} does not depend on it.",
            changed("/application/connection", {"ground": ground, fact: True}),
        )
        for ground, fact in (
            ("1a", "applicant_gives_capital"),
            ("1b", "applicant_is_party"),
            ("2", "applicant_is_party"),
        )
    },
    "repeated-name": (
        "Must appear once: keep one of them.",
        lambda: changed(TITLE, "HERE")().replace(b'"HERE"', b'"a", "title": "b"'),
    ),
}
REFUSALS_BEYOND = {refusal for refusal, _ in BEYOND_SCHEMA.values()}


@pytest.mark.parametrize("code", BEYOND_SCHEMA)
def test_a_rule_that_no_schema_can_say_is_applied(code):
    refusal, written = BEYOND_SCHEMA[code]
    body = written()

    assert SUBMISSIONS.schema_takes(json.loads(body))
    assert SUBMISSIONS.refusals(body) == {refusal}


def test_every_rule_that_no_schema_can_say_is_documented():
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    _, _, section = page.partition("### Rules that the schema cannot say")

    documented = set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))
    assert documented == {re.sub("-(1a|1b|2)$", "", each) for each in BEYOND_SCHEMA} | {"backdate"}


@pytest.mark.parametrize("name", DOORS)
def test_the_examples_are_taken_by_schema_and_door(name):
    for each in DOORS[name].documents:
        assert DOORS[name].schema_takes(each)
        assert DOORS[name].refusals(json.dumps(each).encode()) == set()


@st.composite
def changed_in_places(draw: st.DrawFn, documents: list[dict[str, Any]]) -> Any:
    """Take an example, and change, remove or add up to three values anywhere in it."""
    document = deepcopy(draw(st.sampled_from(documents)))
    for _ in range(draw(st.integers(0, 3))):
        place: Any = document
        while True:
            names = list(place) if isinstance(place, dict) else list(range(len(place)))
            inner = [each for each in names if isinstance(place[each], dict | list)]
            if not inner or draw(st.booleans()):
                break
            place = place[draw(st.sampled_from(inner))]
        _change(draw, place, names)
    return document


def _change(draw: st.DrawFn, place: Any, names: list[Any]) -> None:
    what = draw(st.sampled_from(["set", "set", "set", "remove", "add"]))
    if what == "add" and isinstance(place, dict):
        place[draw(st.text(max_size=3))] = draw(VALUES)
    elif names and what == "remove":
        del place[draw(st.sampled_from(names))]
    elif names:
        place[draw(st.sampled_from(names))] = draw(VALUES)


def agree(door: Door, document: Any) -> None:
    body = json.dumps(document).encode()
    refusals = door.refusals(body)
    if door.schema_takes(document):
        assert refusals <= REFUSALS_BEYOND, document
    else:
        assert refusals, document


@pytest.mark.parametrize("name", DOORS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_schema_and_door_agree_on_changed_examples(name, data):
    agree(DOORS[name], data.draw(changed_in_places(DOORS[name].documents)))


@pytest.mark.parametrize("name", DOORS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_schema_and_door_agree_on_documents_made_from_the_schema(name, data):
    schema = DOORS[name].schema
    agree(DOORS[name], data.draw(FromSchema(schema).of(schema)))


def test_readers_of_topics_stay_as_wide_as_they_were():
    application = deepcopy(EXAMPLES["verification"]["application"])
    application["project"] |= {"starts_on": "1796083200", "title": "\u3164", "later": 1}
    application["connection"]["mainland_share_percent"] = "1e1"
    event = {"application_id": ID, "version": 1, "received_at": "0", "application": application}
    contact = {**EXAMPLES["verification"]["contact"], "name": "\u200b"}
    person = {"application_id": ID, "version": 1, "contact": contact}

    assert ApplicationSubmitted.model_validate_json(json.dumps(event)).received_at.year == 1970
    assert ContactRegistered.model_validate_json(json.dumps(person)).contact.name == "\u200b"


def test_a_type_without_a_known_strict_form_is_no_door():
    with pytest.raises(TypeError, match="no strict form"):
        at_doors(float)
