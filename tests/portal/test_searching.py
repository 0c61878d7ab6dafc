"""Lists of items: filters, search in each language, and pages of results."""

import re
import time
from dataclasses import replace

import pytest

from services.portal.pages.paging import numbers
from services.portal.pages.searching import PAGE_SIZE, Asked, asked_by, find, options
from services.portal.pages.sections import SECTIONS
from services.portal.site.edition import Edition
from services.portal.site.searching import with_words
from tests.examples import event_examples

BY_FOLDER = {each.folder: each for each in SECTIONS}
TECHNOLOGIES = BY_FOLDER["technologies"]


def ids(edition, section, language="en", **asked):
    return [each.item_id for each in find(edition, section, Asked(**asked), language).items]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Activated-Carbon"),
        ("en", "\uff30ress carbon"),
        ("zh-Hant", "活性碳"),
        ("zh-Hans", "活性炭"),
    ],
)
def test_items_are_found_by_words_in_the_language_of_the_page(edition, language, words):
    assert "activated-carbon-filter" in ids(edition, TECHNOLOGIES, language, words=words)


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
@pytest.mark.parametrize("words", ["Activated-Carbon", "活性碳", "活性炭"])
def test_items_are_found_by_words_of_any_language(edition, language, words):
    assert "activated-carbon-filter" in ids(edition, TECHNOLOGIES, language, words=words)


@pytest.mark.parametrize("words", ["注塑节能", "注塑節能", "注塑 节能"])
def test_chinese_words_are_found_though_nobody_writes_spaces_between_them(edition, words):
    everything = edition.by_kind["technology"]
    found = {each.item_id for each in with_words(edition, everything, words)}

    assert found
    assert len(found) < len(everything)
    for each in found:
        text = "".join(edition.search[each].values())
        assert "注塑" in text
        assert re.search("节能|節能", text)


@pytest.mark.parametrize("words", ["注斑马", "斑马注塑", "注 斑"])
def test_no_part_of_chinese_words_is_left_out(edition, words):
    assert not with_words(edition, edition.by_kind["technology"], words)


def test_a_word_is_looked_for_once_and_many_are_not():
    asked = []

    class Text:
        def __contains__(self, word):
            asked.append(word)
            return True

    item = event_examples("ItemPublished")[0]
    edition = Edition(search={item.item_id: {"en": Text()}})

    assert with_words(edition, [item], "voc " * 25) == [item]
    assert with_words(edition, [item], " ".join(map(str, range(50)))) == [item]
    assert len(asked) == 11


def test_all_words_must_be_there(edition):
    assert ids(edition, TECHNOLOGIES, words="carbon zebra") == []


def test_filters_add_up(edition):
    chosen = {"industry": "printing-and-publishing", "saves": "voc"}
    found = ids(edition, TECHNOLOGIES, chosen=chosen)

    assert found
    for each in found:
        own = edition.by_id[each].technology
        assert "printing-and-publishing" in own.industries
        assert "voc" in own.saves


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: each.folder)
def test_every_offered_value_finds_something(edition, section):
    for name in section.filters:
        for value in options(edition, section, name):
            assert ids(edition, section, chosen={name: value})


def test_news_are_the_newest_first(edition):
    found = find(edition, BY_FOLDER["news"], Asked(), "en").items
    days = [each.news.date for each in found]

    assert days == sorted(days, reverse=True)


def test_pages_of_results_have_every_item_once(edition):
    first = find(edition, TECHNOLOGIES, Asked(), "en")
    pages = [find(edition, TECHNOLOGIES, Asked(page=n + 1), "en") for n in range(first.pages)]
    shown = [each.item_id for page in pages for each in page.items]

    assert first.pages > 1
    assert len(first.items) == PAGE_SIZE
    assert len(shown) == len(set(shown)) == first.number
    assert find(edition, TECHNOLOGIES, Asked(page=99), "en").page == first.pages


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "²", "9" * 50])
def test_a_wrong_page_is_passed_over(page):
    assert asked_by(TECHNOLOGIES, {"page": page}).page == 1


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=%3Cscript%3E", 'value="&lt;script&gt;"'),
        ("q=%22%3E%3Cscript%3E", 'value="&#34;&gt;&lt;script&gt;"'),
        ("industry=%22%3E%3Cscript%3E", "industry=%22%3E%3Cscript%3E"),  # where it was read
    ],
)
async def test_what_a_reader_asks_for_is_shown_as_text(browser, query, shown):
    response = await browser.get(f"/sc/technologies?{query}")

    assert response.status_code == 200
    assert "<script>" not in response.text
    assert shown in response.text


async def test_the_next_page_is_asked_with_the_same_words(browser):
    text = (await browser.get("/en/technologies?q=a&saves=energy")).text
    links = re.findall(r'href="(/en/technologies\?[^"]*)"', text)

    assert links
    assert all("q=a&amp;saves=energy&amp;page=" in each for each in links)


@pytest.mark.parametrize(
    ("here", "last", "shown"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (1, 74, [1, 2, 0, 74]),
        (3, 74, [1, 2, 3, 4, 0, 74]),
        (4, 74, [1, 2, 3, 4, 5, 0, 74]),
        (40, 74, [1, 0, 39, 40, 41, 0, 74]),
        (74, 74, [1, 0, 73, 74]),
    ],
)
def test_of_many_pages_those_around_are_offered(here, last, shown):
    assert numbers(here, last) == shown


def test_five_thousand_items_are_searched_in_a_few_milliseconds(edition):
    items = edition.by_kind["technology"]
    copies = [
        each.model_copy(update={"item_id": f"{each.item_id}-{number}"})
        for number in range(5_000 // len(items) + 1)
        for each in items
    ]
    search = {each.item_id: edition.search[each.item_id.rpartition("-")[0]] for each in copies}
    large = replace(edition, by_kind={"technology": copies}, search=search, _made={})
    find(large, TECHNOLOGIES, Asked(), "en")  # put in order once

    spent = []
    for words in ("energy saving zebra", "carbon", "no such words", "", "energy"):
        started = time.process_time()
        find(large, TECHNOLOGIES, Asked(words, {"saves": "energy"}), "en")
        spent.append(time.process_time() - started)
    assert sorted(spent)[len(spent) // 2] < 0.02  # some 3 ms on a quiet machine
