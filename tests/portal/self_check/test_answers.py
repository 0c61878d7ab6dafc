"""Which questions are asked, and what of the answers is sent to the rules."""

import pytest

from services.eligibility.assessments.questions import AssessmentRequest, completed
from services.portal.self_check.answers import read_answers
from services.portal.self_check.questions import FACTORY_STREAMS, GROUNDS, STREAMS, form_for
from services.portal.web.languages import LANGUAGES
from services.portal.web.page import Page
from shared.events.doors import at_doors

FORMS = [(stream, ground) for stream in FACTORY_STREAMS for ground in GROUNDS]
FORMS += [("organisation-support", "")]
VALUES = {
    "day": "2024-06-03",
    "line": "Low-VOC ink",
    "money": "1,600,000",
    "number": "91441900PDY00001XE",
    "percent": "50.01",
    "whole": "5",
    "yes-no": "yes",
}


def names(form):
    return [each.name for each in form.questions]


def all_answered(form):
    return {e.name: [VALUES.get(e.kind) or e.options[-1]] for e in form.questions}


def test_there_is_a_form_for_every_stream():
    assert {stream for stream, _ in FORMS} == {*STREAMS}


@pytest.mark.parametrize(("stream", "ground"), FORMS)
def test_all_answers_of_every_form_are_a_request_that_the_rules_take(edition, stream, ground):
    form = form_for(stream, ground, edition.programme)
    answers = read_answers(form, all_answered(form))

    assert not answers.errors
    asked = at_doors(AssessmentRequest).model_validate(answers.request(), strict=False)
    assert completed(asked.application).stream == stream


@pytest.mark.parametrize(("stream", "ground"), FORMS)
def test_only_required_answers_are_enough(edition, stream, ground):
    form = form_for(stream, ground, edition.programme)
    required = {e.name for e in form.questions if e.required}
    typed = {k: v for k, v in all_answered(form).items() if k in required}

    answers = read_answers(form, typed)
    assert not answers.errors
    at_doors(AssessmentRequest).model_validate(answers.request(), strict=False)
    assert read_answers(form, {}).errors == dict.fromkeys(required, "missing")


@pytest.mark.parametrize(("stream", "ground"), FORMS)
def test_every_question_and_option_has_words(edition, stream, ground):
    for language in LANGUAGES:
        page = Page(language, "")
        for each in form_for(stream, ground, edition.programme).questions:
            assert page.has_word(f"ask.{each.key}")
            assert all(page.has_word(f"{each.names}.{option}") for option in each.options)


def test_days_are_asked_only_where_some_phase_limits_the_time(edition):
    asked = {each for each in STREAMS if "ends_on" in names(form_for(each, "2", edition.programme))}

    assert asked == {"assessment", "demonstration-i", "demonstration-ii", "organisation-support"}


def test_before_the_rules_are_published_everything_is_asked_that_may_be_left_open():
    asked = form_for("new-technology", "2", None).questions

    assert {"starts_on", "ends_on", "quotations"} <= {e.name for e in asked if not e.required}


def test_the_name_of_a_technology_is_asked_once_there_is_a_list(edition):
    programme = edition.programme
    assert "technology_name" not in names(form_for("new-technology", "2", programme))

    def listed(phase):
        streams = [e.model_copy(update={"technology_list": ("x",)}) for e in phase.streams]
        return phase.model_copy(update={"streams": tuple(streams)})

    later = programme.model_copy(update={"phases": tuple(map(listed, programme.phases))})
    assert "technology_name" in names(form_for("new-technology", "2", later))


def test_what_is_not_offered_is_no_answer(edition):
    form = form_for("new-technology", "2", edition.programme)
    answers = read_answers(form, all_answered(form) | {"place": ["<b>"], "industry": ["mining"]})

    assert answers.errors == {"place": "missing", "industry": "missing"}


def test_a_project_that_ends_before_it_starts_is_told_at_its_end(edition):
    form = form_for("assessment", "2", edition.programme)
    days = {"starts_on": ["2024-07-01"], "ends_on": ["30/6/2024"]}

    assert read_answers(form, all_answered(form) | days).errors == {"ends_on": "ends-before"}


def test_what_the_form_does_not_ask_is_not_sent(edition):
    form = form_for("organisation-support", "", edition.programme)
    answers = read_answers(form, all_answered(form) | {"place": ["guangdong"], "x": ["y"]})

    assert {*answers.request()["application"]} == {"stream", "organisation", "project"}
    assert "x" not in answers.typed
