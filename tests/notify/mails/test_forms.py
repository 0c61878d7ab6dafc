"""A form letter is drawn up once, and says of each application what is its own."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from services.notify.mails.formatting import day, money
from services.notify.mails.forms import BLANKS, Blank
from services.notify.mails.rendering import LANGUAGES, Enquiries, Renderer
from services.notify.mails.samples import sample_notification
from shared.events.notify import Template
from shared.references import reference_of
from tests.factories import REASON, a_notification

IN_EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture
def letters():
    return Renderer(Enquiries("enquiries@cppp.example"), answer_working_days=5)


def fresh_letter(notification, name, language):
    """Write a letter whose form was drawn up for it."""
    fresh = Renderer(Enquiries("enquiries@cppp.example"), answer_working_days=5)
    return fresh.write(notification, name, language)


@pytest.mark.parametrize("template", get_args(Template))
@IN_EVERY_LANGUAGE
def test_a_form_of_another_application_gives_the_same_letter_as_its_own(
    letters, template, language
):
    first = sample_notification(template)
    later = first.occurred_at + timedelta(days=40, hours=3)
    details = {
        name: later
        for name in ("received_at", "decided_at", "withdrawn_at")
        if getattr(first.details, name)
    }
    second = replace(
        a_notification(template),
        details=replace(first.details, **details),
        occurred_at=later,
        version=first.version,
    )
    letters.write(first, "Chan Tai Man", language)

    letter = letters.write(second, "Wong <b> & 黃", language)

    assert letter == fresh_letter(second, "Wong <b> & 黃", language)
    assert "Wong <b> & 黃" in letter.text
    assert "Wong &lt;b&gt; &amp; 黃" in letter.html
    for part in (letter.text, letter.html):
        assert reference_of(second.application_id) in part
        assert reference_of(first.application_id) not in part
        assert not re.search("[\x00-\x09\x0b-\x1f]", part)


@IN_EVERY_LANGUAGE
def test_amounts_and_days_are_those_of_the_application(letters, language):
    sample = sample_notification("eligible")
    finish_by = sample.details.finish_by + timedelta(days=31)
    details = replace(sample.details, grant_cents=123_456_78, finish_by=finish_by)
    letters.write(sample, "Chan Tai Man", language)

    letter = letters.write(replace(sample, details=details), "Chan Tai Man", language)

    for part in (letter.text, letter.html):
        assert money(123_456_78, language) in part
        assert day(finish_by, language) in part
        assert day(sample.details.finish_by, language) not in part


def test_what_an_application_lacks_is_not_in_its_letter(letters):
    sample = sample_notification("eligible")
    without = replace(sample, details=replace(sample.details, finish_by=None, conditions=()))
    letters.write(sample, "Chan Tai Man", "en")

    letter = letters.write(without, "Chan Tai Man", "en")

    assert "finish by" not in letter.text
    assert "Conditions of the grant" not in letter.text


def test_each_reason_is_shown(letters):
    other = replace(REASON, en="Another <reason>.")
    for reasons in ((REASON,), (REASON, other), (other, REASON)):
        notification = a_notification("ineligible", details={"reasons": reasons})

        letter = letters.write(notification, "Chan Tai Man", "en")

        lines = letter.text.splitlines()
        positions = [lines.index(f"- {each.en}") for each in reasons]
        assert positions == sorted(positions)


def test_a_name_that_looks_like_a_blank_is_shown_as_it_is(letters):
    mark = str(Blank("reference"))

    letter = letters.write(sample_notification("received"), mark, "en")

    assert mark in letter.text


@pytest.mark.parametrize("name", sorted(BLANKS))
def test_a_template_cannot_depend_on_the_value_of_a_blank(name):
    with pytest.raises(TypeError, match=name):
        assert Blank(name) == 1
