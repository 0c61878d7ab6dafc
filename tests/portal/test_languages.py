"""What is not translated says in which language it is; everything else is in that of the page."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

ITEM = "injection-press-retrofit"
CASE = "appliance-injection-presses"
PAGES = (
    "",
    "/programme",
    "/recognition",
    "/news",
    "/cases",
    f"/cases/{CASE}",
    f"/technologies/{ITEM}",
    "/technologies",
    "/toolbox?process=injection-moulding",
    f"/toolbox/compare?item={ITEM}&item=barrel-insulation",
    "/toolbox/compare?item=barrel-insulation",
    f"/toolbox/estimate?item={ITEM}",
    f"/toolbox/estimate?item={ITEM}&industry=other&electricity=1000000&output=100&unit=kg",
    "/events/briefing-2025",
    "/pages/about",
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
VOID = {"meta", "link", "br", "img", "input", "line", "rect", "hr"}
UNHEARD = {"title", "script"}


class Spoken(HTMLParser):
    """The texts of a page, each with its language."""

    def __init__(self):
        super().__init__()
        self.open, self.texts = [("", "")], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("lang", self.open[-1][1])))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop()[0] == tag

    def handle_data(self, data):
        tag, language = self.open[-1]
        if tag not in UNHEARD and data.strip():
            self.texts.append((language, data))


def in_english(item):
    return item.model_copy(update={"words": dict.fromkeys(item.words, item.words["en"])})


@pytest.fixture
def site(edition, site):
    """A site of which no item is translated."""
    by_id = {key: in_english(each) if each.words else each for key, each in edition.by_id.items()}
    by_kind = {k: [by_id[e.item_id] for e in v] for k, v in edition.by_kind.items()}
    site.edition = replace(edition, by_id=by_id, by_kind=by_kind, _made={})
    return site


@pytest.mark.parametrize("path", PAGES)
async def test_what_is_not_translated_says_in_which_language_it_is(browser, site, path):
    response = await browser.get(f"/tc{path}", follow_redirects=True)
    page = Spoken()
    page.feed(response.text)
    written = {words for each in site.edition.by_id.values() if each.words for words in said(each)}

    assert response.status_code == 200
    for language, text in page.texts:
        if language == "zh-Hant-HK":
            assert not [each for each in written if each in text]
        else:
            assert not CHINESE.search(text) or language == "zh-Hans-CN"
    assert "en-HK" in {language for language, _ in page.texts}


def said(item):
    words = item.words["en"]
    return (words.title, words.summary, *(each.text for each in words.examples), *words.measures)
