"""What pages say to search engines, and the languages of a page."""

import json
import re
from html import unescape

import pytest

from services.portal.rules import fact_of
from services.portal.site.edition import Facts
from tests.factories import an_event

CODES = ("en", "tc", "sc")


def links(text, rel):
    found = [each for each in re.findall("<link [^>]*>", text) if f'rel="{rel}"' in each]
    return [dict(re.findall(r'([\w-]+)="([^"]*)"', each)) for each in found]


def canonical(text):
    (found,) = links(text, "canonical")
    return unescape(found["href"])


def languages(text):
    found = {each.get("hreflang"): unescape(each["href"]) for each in links(text, "alternate")}
    found.pop(None, None)  # feeds
    return found


def metas(text):
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', text)
    return {name: unescape(content) for name, content in found}


def data(text):
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
    return {each["@type"]: each for each in map(json.loads, blocks)}


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/news", "/news"),
        ("/technologies?page=2", "/technologies?page=2"),
        ("/technologies?page=2&q=a", "/technologies"),
        ("/technologies?saves=voc", "/technologies"),
        ("/technologies?page=x", "/technologies"),
    ],
)
async def test_a_page_says_which_address_is_its_own_in_each_language(browser, asked, kept):
    text = (await browser.get(f"/tc{asked}")).text

    assert canonical(text) == f"http://site/tc{kept}"
    assert languages(text) == {
        "en-HK": f"http://site/en{kept}",
        "zh-Hant-HK": f"http://site/tc{kept}",
        "zh-Hans-CN": f"http://site/sc{kept}",
        "x-default": f"http://site/en{kept}",
    }


async def test_on_the_first_page_who_reads_no_such_language_is_led_by_the_browser(browser):
    assert languages((await browser.get("/sc")).text)["x-default"] == "http://site/"


async def test_addresses_are_those_that_are_set(browser, site_app):
    site_app.state.public_url = "https://cppp.example"
    text = (await browser.get("/en/news", headers={"Host": "evil.example"})).text

    assert canonical(text) == "https://cppp.example/en/news"
    assert "evil.example" not in text


@pytest.mark.parametrize("query", ["q=a&saves=energy", "page=2", "saves=voc&page=2"])
async def test_changing_the_language_keeps_what_was_asked_for(browser, query):
    text = (await browser.get(f"/en/technologies?{query}")).text

    for code in ("tc", "sc"):
        assert f'href="/{code}/technologies?{query.replace("&", "&amp;")}" hreflang=' in text


@pytest.mark.parametrize(
    ("asked", "indexed"), [("", True), ("?page=2", True), ("?q=a", False), ("?saves=voc", False)]
)
async def test_searches_are_not_indexed(browser, asked, indexed):
    text = (await browser.get(f"/en/technologies{asked}")).text

    assert ("robots" not in metas(text)) == indexed


async def test_a_link_to_a_page_can_be_shown_with_its_title_and_description(browser, edition):
    item = edition.by_id["partners-2024"]
    found = metas((await browser.get("/tc/news/partners-2024")).text)

    words = item.words["zh-Hant"]
    assert found["description"] == found["og:description"] == words.summary
    assert found["og:title"] == words.title
    assert found["og:url"] == "http://site/tc/news/partners-2024"
    assert (found["og:type"], found["og:locale"]) == ("article", "zh_HK")


@pytest.mark.parametrize(("code", "locale"), [("en", "en_HK"), ("tc", "zh_HK"), ("sc", "zh_CN")])
async def test_a_title_has_no_unseen_marks_for_other_programs(browser, code, locale):
    text = (await browser.get(f"/{code}")).text

    assert "\u200b" not in text.partition("</head>")[0]
    assert metas(text)["og:locale"] == locale


@pytest.mark.parametrize("code", CODES)
async def test_lists_and_rules_have_descriptions_of_their_own(browser, code):
    paths = ("", "/programme", "/toolbox", "/recognition", "/news", "/events", "/labels")
    found = [metas((await browser.get(f"/{code}{each}")).text)["description"] for each in paths]

    assert len(set(found)) == len(paths)


@pytest.mark.parametrize("status", ["/en/no/such", "/en/news/no-such"])
async def test_what_is_not_there_says_nothing_of_the_kind(browser, status):
    text = (await browser.get(status)).text

    assert not links(text, "canonical")
    assert not languages(text)
    assert "<script" not in text


async def test_the_first_page_says_whose_site_it_is(browser):
    found = data((await browser.get("/sc")).text)

    assert found["WebSite"]["url"] == "http://site/sc"
    assert found["Organization"]["name"] == "清洁生产伙伴计划"


async def test_the_way_to_a_page_is_said(browser):
    found = data((await browser.get("/en/news/partners-2024")).text)["BreadcrumbList"]

    assert [(e["position"], e["name"], e["item"]) for e in found["itemListElement"]][:2] == [
        (1, "Home", "http://site/en"),
        (2, "What's new", "http://site/en/news"),
    ]
    assert found["itemListElement"][2]["item"] == "http://site/en/news/partners-2024"


async def test_news_say_when_they_are_of(browser, edition):
    item = edition.by_id["partners-2024"]
    found = data((await browser.get("/en/news/partners-2024")).text)["NewsArticle"]

    assert found["headline"] == item.words["en"].title
    assert found["datePublished"] == item.news.date.isoformat()
    assert found["dateModified"] == item.published_at.isoformat()


async def test_events_say_when_and_in_what_form(browser, edition):
    own = edition.by_id["briefing-2025"].gathering
    found = data((await browser.get("/tc/events/briefing-2025")).text)["Event"]

    assert found["startDate"] == (own.starts_at or own.starts_on).isoformat()
    assert found["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert [each["@type"] for each in found["location"]] == ["VirtualLocation"]


async def test_questions_have_their_answer(browser):
    found = data((await browser.get("/en/questions/two-paybacks")).text)["FAQPage"]
    (question,) = found["mainEntity"]

    assert "<p" in question["acceptedAnswer"]["text"]


async def test_no_text_ends_the_data_that_it_is_in(browser, site, edition):
    item = edition.by_id["partners-2024"]
    words = item.words["en"].model_copy(update={"title": "</script><b>x</b>"})
    item = item.model_copy(update={"words": item.words | {"en": words}})
    facts = Facts()
    facts.add([fact_of(an_event(item))])
    site.edition = facts.edition()
    text = (await browser.get("/en/news/partners-2024")).text

    assert "<b>x" not in text
    assert data(text)["NewsArticle"]["headline"] == "</script><b>x</b>"
