"""Titles of sources, whose language nobody states, say which it is (WCAG 3.1.2)."""

import re

import pytest

from services.portal.web.languages import LANGUAGES
from services.portal.web.page import Page
from services.portal.web.translation import lang_of_text

LATIN_ALONE = re.compile("[A-Za-z][^\u3400-\u9fff]*")


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Press release", ("", "en", "en")),
        ("SME portal (Chinese): 清潔生產伙伴計劃", ("", "", "")),
        ("清潔生產伙伴計劃", ("zh", "", "")),
        ("110", ("", "", "")),
    ],
)
def test_a_text_of_unknown_language_is_marked_where_it_differs_from_the_page(text, marks):
    found = [lang_of_text(text, Page(each, "")) for each in LANGUAGES]

    assert found == [f' lang="{each}"' if each else "" for each in marks]


@pytest.mark.parametrize("code", ["tc", "sc"])
@pytest.mark.parametrize(
    "path", ["/programme", "/technologies/central-chiller", "/recognition/history", "/statistics"]
)
async def test_english_titles_of_sources_are_marked_on_chinese_pages(browser, code, path):
    text = (await browser.get(f"/{code}{path}")).text
    sources = re.findall(r'<li id="S[0-9]+">.*?<(?:a|span)([^>]*)>([^<]+)<', text)

    assert sources
    for attributes, title in sources:
        assert ('lang="en"' in attributes) is bool(LATIN_ALONE.fullmatch(title)), title


@pytest.mark.parametrize("code", ["tc", "sc"])
async def test_how_a_figure_was_derived_is_marked(browser, code):
    text = (await browser.get(f"/{code}/technologies/central-chiller")).text

    assert '<span lang="en">one third of the power for cooling</span>' in text


async def test_what_the_kind_of_a_figure_says_is_not_said_again(browser, edition):
    computed = [
        each.item_id
        for each in edition.by_kind["technology"]
        for example in each.technology.examples
        for figure in example.figures
        if figure.basis == "computed"
    ]
    text = (await browser.get(f"/tc/technologies/{computed[0]}")).text

    assert "investment / saving" not in text
