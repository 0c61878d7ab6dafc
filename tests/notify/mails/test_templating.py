"""Templates are compiled once for all languages, and each part keeps what is its own."""

import pytest

from services.notify.mails import templating
from services.notify.mails.labels import APPLIED_FOR
from services.notify.mails.templating import template_environment

_OF_EACH_PART = "{% macro paragraph(text) %}{% endmacro %}"


@pytest.fixture
def templates(tmp_path, monkeypatch):
    for part in ("text", "html"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "blocks.j2").write_text(_OF_EACH_PART)
    monkeypatch.setattr(templating, "TEMPLATES", tmp_path)
    return tmp_path


def rendered(part, language, texts, **values):
    return template_environment(part, language, texts).get_template("one.j2").render(values)


@pytest.mark.parametrize("first", ["text", "html"])
def test_a_template_of_both_parts_escapes_in_pages_alone(templates, first):
    (templates / "one.j2").write_text("{{ name }}")
    second = {"text": "html", "html": "text"}[first]

    shown = {part: rendered(part, "en", {}, name="<b>") for part in (first, second)}

    assert shown == {"text": "<b>", "html": "&lt;b&gt;"}


def test_each_language_fills_its_own_into_what_was_compiled_for_another(templates):
    (templates / "one.j2").write_text('{{ _("Received") }}, {{ "assessment" | label }}')

    shown = [
        rendered("text", language, {"Received": received, APPLIED_FOR["assessment"]: label})
        for language, received, label in (("en", "Received", "audit"), ("zh-Hans", "收到", "评估"))
    ]

    assert shown == ["Received, audit", "收到, 评估"]


def test_a_text_that_is_missing_shows_when_the_template_is_read(templates):
    (templates / "one.j2").write_text('{{ _("Dear %(name)s,", name=name) }}')

    with pytest.raises(KeyError):
        template_environment("html", "en", {}).get_template("one.j2")
