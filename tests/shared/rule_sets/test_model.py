"""What is published of a rule set: all that its file has, the same bytes each time."""

import subprocess
import sys
from datetime import timedelta
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from cli.rules_page import page
from services.eligibility.rule_set import rule_set_of as programme_set
from services.eligibility.rules.catalogue import REASONS
from services.eligibility.rules.programme import Programme, load_programme
from services.eligibility.rules.rules import REFERRALS, REFUSALS
from services.recognition.rule_set import rule_set_of as scheme_set
from services.recognition.rules.scheme import Scheme, load_scheme
from shared.errors import SetupError
from shared.events.eligibility import ProgrammePublished
from shared.events.recognition import SchemePublished
from shared.events.rule_sets import RuleSetPublished
from shared.rule_sets.sources import all_sources
from tests.factories import NOW

RULE_SETS = {"programme": programme_set(load_programme()), "scheme": scheme_set(load_scheme())}
PAIRS = {"programme": (Programme, ProgrammePublished), "scheme": (Scheme, SchemePublished)}


def places(kind: Any, way: str = "") -> set[str]:
    """Return every field of a type and of the types inside it, by the names on the way to it."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {
            place
            for name, field in kind.model_fields.items()
            for place in {f"{way}/{name}", *places(field.annotation, f"{way}/{name}")}
        }
    return {place for part in get_args(kind) for place in places(part, way)}


@pytest.mark.parametrize("name", PAIRS)
def test_every_field_of_the_rule_file_is_published_under_its_name(name):
    in_file, event = PAIRS[name]
    added = places(RuleSetPublished)

    assert places(in_file) - {"/version"} == places(event) - added


@pytest.mark.parametrize("name", RULE_SETS)
def test_what_is_published_has_the_values_of_the_file(name):
    rule_set = RULE_SETS[name]
    outgoing = rule_set.published(NOW)

    data = rule_set.event.model_validate_json(outgoing.value, extra="forbid")
    stated = rule_set.rules.model_dump()
    assert data.rule_version == stated.pop("version")
    published = data.model_dump()
    for field, value in stated.items():
        assert without_order(value) == known(published[field], value)


def without_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_order(each) for name, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return [without_order(each) for each in value] if isinstance(value, tuple) else value


def known(value: Any, stated: Any) -> Any:
    """Return a published value by the fields that are stated; others must be null."""
    if isinstance(stated, dict):
        assert all(value[name] is None for name in value.keys() - stated.keys())
        return {name: known(value[name], each) for name, each in stated.items()}
    if isinstance(value, tuple):
        parts = stated if isinstance(stated, tuple) else value
        return [known(each, part) for each, part in zip(value, parts, strict=True)]
    return value


def test_ceilings_shares_and_days_are_those_of_the_sources():
    data = ProgrammePublished.model_validate_json(RULE_SETS["programme"].published(NOW).value)

    [fourth] = [each for each in data.phases if each.name == "4"]
    [assessment] = [each for each in fourth.streams if each.stream == "assessment"]
    assert (assessment.share_percent, assessment.ceiling_cents) == (50, 4_500_000)
    assert (assessment.months_at_most, assessment.source) == (3, "S9")
    assert (fourth.opens.on, str(fourth.opens.not_before)) == (None, "2020-04-01")
    assert data.workshops.streams == ("demonstration", "demonstration-i", "demonstration-ii")


@pytest.mark.parametrize("name", RULE_SETS)
def test_every_source_that_is_named_is_published_with_its_link(name):
    data = RULE_SETS[name].event.model_validate_json(RULE_SETS[name].published(NOW).value)
    published = data.model_dump_json(exclude={"sources"})

    for each in data.sources:
        assert each.mark in published
        assert each.url == all_sources()[each.mark].url
        assert each.url.startswith("http")
    named = {mark for mark in all_sources() if f'"{mark}"' in published or f"{mark}," in published}
    assert {each.mark for each in data.sources} >= named


def test_every_reason_says_what_it_leads_to_as_the_page_of_rules_does():
    text = page()
    for rule_set in RULE_SETS.values():
        for each in rule_set.reasons:
            assert f"| {each.code} | {each.leads_to} | {each.en} |" in text
    reasons = {each.code: each for each in RULE_SETS["programme"].reasons}
    assert reasons.keys() == REASONS.keys()
    assert {code for code, each in reasons.items() if each.leads_to == "refusal"} == REFUSALS & {
        *reasons
    }
    assert {code for code, each in reasons.items() if each.leads_to == "referral"} == REFERRALS & {
        *reasons
    }


def test_an_event_is_identified_by_its_version_and_time_and_has_no_reference():
    rule_set = RULE_SETS["programme"]
    first, again = rule_set.published(NOW), rule_set.published(NOW)
    later = rule_set.published(NOW + timedelta(days=1))

    assert first == again
    assert first.key == rule_set.version.encode()
    assert dict(first.headers)["ce_subject"] == first.key
    assert "ce_reference" not in dict(first.headers)
    assert dict(first.headers)["ce_id"] != dict(later.headers)["ce_id"]
    assert later.key == first.key


_PRINT = """\
from services.eligibility.rule_set import rule_set_of
from services.eligibility.rules.programme import load_programme
rules = rule_set_of(load_programme())
print(rules.stated_hash, rules.content_hash)
"""


def test_every_process_knows_the_same_rules_by_the_same_hashes():
    rule_set = RULE_SETS["programme"]
    printed = subprocess.run(  # noqa: S603 - our own program; it orders sets in its own way
        [sys.executable, "-c", _PRINT], capture_output=True, text=True, check=True
    ).stdout

    assert printed.split() == [rule_set.stated_hash, rule_set.content_hash]


def rewritten(tmp_path, request, *replacements: tuple[str, str]) -> Programme:
    shipped = request.config.rootpath / "services/eligibility/rules/programme.toml"
    text = shipped.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "programme.toml").write_text(text, encoding="utf-8")
    return load_programme(tmp_path / "programme.toml")


def test_a_file_says_the_same_whatever_its_comments_and_layout(tmp_path, request):
    laid_out = rewritten(tmp_path, request, ("# Amounts", "# Sums"), ("4_500_000", "4500000"))

    assert programme_set(laid_out).stated_hash == RULE_SETS["programme"].stated_hash


@pytest.mark.parametrize("version", ["", " ", "two\\nlines", "x" * 201])
def test_a_version_must_be_a_line_that_can_be_a_key(tmp_path, request, version):
    shipped = f'version = "{load_programme().version}"'

    with pytest.raises(SetupError, match="version: Must "):
        rewritten(tmp_path, request, (shipped, f'version = "{version}"'))


def test_a_changed_amount_is_other_terms(tmp_path, request):
    changed = rewritten(tmp_path, request, ("4_500_000", "4_600_000"))

    assert programme_set(changed).stated_hash != RULE_SETS["programme"].stated_hash


def test_a_parameter_that_a_release_adds_with_a_default_changes_no_terms():
    class LaterProgramme(Programme):
        pledge: int | None = None

    shipped = load_programme()
    read_later = LaterProgramme.model_validate(shipped.model_dump(exclude_unset=True), strict=False)

    assert programme_set(read_later).stated_hash == RULE_SETS["programme"].stated_hash
