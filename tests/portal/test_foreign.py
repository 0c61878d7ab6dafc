"""Text that is not in the language of its page says in which it is (WCAG 3.1.2)."""

import re

import pytest

from services.portal.rules import fact_of
from services.portal.site.edition import Facts
from services.portal.web.foreign import lang_of_text, lang_of_words
from services.portal.web.languages import LANGUAGES
from services.portal.web.page import Page
from tests.factories import an_event

LATIN_ALONE = re.compile("[A-Za-z][^\u3400-\u9fff]*")
FALLEN_BACK = {
    "/news/first-edition": ("",),
    "/pages/accessibility": ("", "/news"),
    "/pages/programme-overview": ("/programme",),
    "/technologies/activated-carbon-filter": ("/cases/cc-joint-printing",),
}


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


def test_words_that_are_not_translated_are_marked(edition):
    words = edition.by_id["activated-carbon-filter"].words["zh-Hant"]

    assert [lang_of_words(words, Page(each, "")) for each in LANGUAGES] == [
        ' lang="zh-Hant-HK"',
        "",
        ' lang="zh-Hant-HK"',
    ]


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


@pytest.mark.parametrize(
    ("path", "shown_on"), [(path, on) for path, pages in FALLEN_BACK.items() for on in pages]
)
async def test_a_title_that_is_not_translated_is_marked_in_lists(
    browser, site, edition, path, shown_on
):
    item = edition.by_id[path.rpartition("/")[2]]
    words = item.words | {"zh-Hans": item.words["en"]}
    facts = Facts()
    kept = {**edition.by_id, item.item_id: item.model_copy(update={"words": words})}
    facts.add(fact_of(an_event(each)) for each in (*kept.values(), edition.programme))
    site.edition = facts.edition()
    text = (await browser.get(f"/sc{shown_on}")).text

    assert f'href="/sc{path}" lang="en-HK">' in text
