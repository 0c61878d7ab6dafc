"""What messages say, in every language and both parts."""

import re
from html.parser import HTMLParser
from typing import get_args

import pytest

from services.notify.mails.rendering import LANGUAGES, Enquiries, Renderer
from services.notify.mails.samples import sample_notification, sample_recipient
from shared.events.intake import Category, FundingStream
from shared.events.notify import Template
from shared.references import reference_of
from tests.factories import REASON, a_notification

TEMPLATES = get_args(Template)
WITHOUT_REASONS = {
    "received",
    "amended",
    "withdrawn",
    "project-completed",
    "label-awarded",
    "label-expired",
}
DECIDING = [each for each in TEMPLATES if each not in WITHOUT_REASONS]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LABEL_ENDS = re.compile(r": |\uff1a")
EVERY = pytest.mark.parametrize("template", TEMPLATES)
IN_EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def letters():
    return Renderer(Enquiries("enquiries@cppp.example", "2788 5588"))


class Page(HTMLParser):
    """What a reader of a page gets: its text, and the tags around it."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, "a tag is not closed"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.setdefault(tag, dict(attrs))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data


@EVERY
@IN_EVERY_LANGUAGE
def test_both_parts_say_the_same(letters, template, language):
    notification = a_notification(template, details={"reasons": (REASON, REASON)})

    letter = letters.write(notification, "Chan Tai Man", language)

    page = Page(letter.html)
    for line in letter.text.splitlines():
        for piece in LABEL_ENDS.split(line.removeprefix("- ")):
            assert piece in page.text, f"only in the plain text: {piece!r}"


@EVERY
@IN_EVERY_LANGUAGE
def test_a_message_names_the_application_and_whom_to_ask(letters, template, language):
    letter = letters.write(a_notification(template), "Chan Tai Man", language)

    for part in (letter.text, letter.html):
        assert "enquiries@cppp.example" in part
        assert "2788 5588" in part
        assert "Chan Tai Man" in part


@EVERY
@IN_EVERY_LANGUAGE
def test_the_application_number_is_in_both_parts(letters, template, language):
    notification = a_notification(template)

    letter = letters.write(notification, "Chan Tai Man", language)

    reference = reference_of(notification.application_id)
    assert reference in letter.text
    assert reference in letter.html
    assert notification.application_id not in letter.text + letter.html


@EVERY
def test_no_language_shows_through_in_another(letters, template):
    sample = sample_notification(template)
    if sample.details.certificate_number:
        sample = a_notification(template, details={"certificate_number": "1"})
    texts = {each: letters.write(sample, "NAME", each) for each in LANGUAGES}
    reference = reference_of(sample.application_id)

    assert not CHINESE.search(texts["en"].subject + texts["en"].text + texts["en"].html)
    for language in ("zh-Hant", "zh-Hans"):
        subject, text = texts[language].subject, texts[language].text
        assert CHINESE.search(subject)
        english = re.findall(r"[A-Za-z]{3,}", re.sub(rf"\S+@\S+|NAME|HK\$|{reference}", "", text))
        assert english == []
    assert texts["zh-Hant"].text != texts["zh-Hans"].text


@pytest.mark.parametrize("template", DECIDING)
@IN_EVERY_LANGUAGE
def test_every_reason_is_given_in_the_readers_language(letters, template, language):
    other = type(REASON)("b", "S", "Second reason.", "第二個理由。", "第二个理由。")
    notification = a_notification(template, details={"reasons": (REASON, other)})

    letter = letters.write(notification, "x", language)

    sentence = {"en": "en", "zh-Hant": "zh_hant", "zh-Hans": "zh_hans"}[language]
    for reason in (REASON, other):
        assert f"- {getattr(reason, sentence)}\n" in letter.text
        assert getattr(reason, sentence) in Page(letter.html).text


def test_without_reasons_there_is_no_empty_list_of_them(letters):
    letter = letters.write(a_notification("eligible", details={"reasons": ()}), "x", "en")

    assert "Reasons" not in letter.text + letter.html


@pytest.mark.parametrize(
    ("cents", "shown"),
    [
        (65_000_000, "HK$650,000.00"),
        (1, "HK$0.01"),
        (123_456_789, "HK$1,234,567.89"),
        (100_000_000_000, "HK$1,000,000,000.00"),
    ],
)
@IN_EVERY_LANGUAGE
def test_the_grant_is_shown_to_the_cent(letters, cents, shown, language):
    letter = letters.write(a_notification(details={"grant_cents": cents}), "x", language)

    assert shown in letter.text
    assert shown in letter.html


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "Received: 2 November 2026 at 09:30, Hong Kong time"),
        ("zh-Hant", "收到時間：2026年11月2日 09:30（香港時間）"),  # noqa: RUF001 - Chinese punctuation
        ("zh-Hans", "收到时间：2026年11月2日 09:30（香港时间）"),  # noqa: RUF001 - Chinese punctuation
    ],
)
def test_moments_are_shown_in_hong_kong_time(letters, language, shown):
    assert shown in letters.write(a_notification("received"), "x", language).text


def test_a_referral_without_terms_shows_neither_phase_nor_indicative_grant(letters):
    unknown = {"phase": None, "indicative_grant_cents": None}

    letter = letters.write(a_notification("referred", details=unknown), "x", "en")

    assert "Phase" not in letter.text
    assert "ndicative" not in letter.text + letter.html
    assert "None" not in letter.text + letter.html


def test_an_indicative_grant_is_told_to_be_no_promise(letters):
    letter = letters.write(a_notification("referred"), "x", "en")

    assert "Indicative grant: HK$650,000.00" in letter.text
    assert "not an undertaking to pay" in letter.text


def test_without_a_telephone_only_the_address_is_named():
    letters = Renderer(Enquiries("enquiries@cppp.example"))

    for language in LANGUAGES:
        text = letters.write(a_notification(), "x", language).text
        assert "enquiries@cppp.example" in text
        assert "2788" not in text


@EVERY
@IN_EVERY_LANGUAGE
def test_a_page_is_well_formed_and_accessible_and_loads_nothing(letters, template, language):
    letter = letters.write(sample_notification(template), "x", language)

    page = Page(letter.html)
    assert page.attributes["html"]["lang"] == language
    assert page.attributes["meta"]["charset"] == "utf-8"
    assert {"title", "h1", "main"} <= set(page.tags)
    assert not {"img", "script", "link", "style", "iframe"} & set(page.tags)
    assert page.attributes["th"]["scope"] == "row"
    assert "http" not in letter.html


HOSTILE = '<script>alert("x")</script> & {{ 7 * 7 }} %(name)s'


@EVERY
def test_nothing_that_is_filled_in_becomes_markup_or_a_template(letters, template):
    reason = type(REASON)("x", "S", HOSTILE, HOSTILE, HOSTILE)
    notification = a_notification(template, details={"reasons": (reason,)})

    letter = letters.write(notification, HOSTILE, "en")

    assert "<script" not in letter.html
    assert HOSTILE in Page(letter.html).text
    assert HOSTILE in letter.text


def test_a_very_long_name_is_written_out(letters):
    name = "陳" * 200

    letter = letters.write(a_notification(), name, "zh-Hant")

    assert name in letter.text
    assert name in letter.html


def test_a_plain_text_has_no_trailing_spaces_and_no_more_than_one_blank_line(letters):
    for template in TEMPLATES:
        for language in LANGUAGES:
            recipient = sample_recipient(language)
            text = letters.write(sample_notification(template), recipient.name, language).text
            assert "\n\n\n" not in text
            assert all(line == line.rstrip() for line in text.splitlines())


def test_what_can_be_applied_for_has_a_label_in_every_language(letters):
    for code in [*_codes(FundingStream), *_codes(Category)]:
        for language in LANGUAGES:
            notification = a_notification("received", details={"applied_for": code})
            text = letters.write(notification, "x", language).text
            assert not re.search(f"(: |\uff1a){code}$", text, re.MULTILINE)


def _codes(literal):
    for each in get_args(literal):
        yield from [each] if isinstance(each, str) else _codes(each)
