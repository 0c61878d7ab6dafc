"""Feeds, calendar files and the site map, as other programs read them."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import feedparser
import pytest
import vobject

from services.portal.feeds import sitemap
from services.portal.feeds.atom import LONGEST, feed
from services.portal.feeds.calendar import calendar
from services.portal.pages.sections import BY_KIND, FOLDERS
from services.portal.web.addresses import WITH_FEED
from services.portal.web.languages import ENGLISH, TRADITIONAL
from services.portal.web.page import Page
from shared.clock import HONG_KONG
from tests.factories import NOW

ORIGIN = "https://cppp.example"
CODES = {"en": "en-HK", "tc": "zh-Hant-HK", "sc": "zh-Hans-CN"}
NEWS = Page(TRADITIONAL, "/news", "最新消息")
EVENTS = Page(ENGLISH, "/events", "Events")
MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ALTERNATE = "{http://www.w3.org/1999/xhtml}link"


def an_event_item(edition, **gathering):
    item = edition.by_id["briefing-2025"]
    own = item.gathering.model_copy(update=gathering)
    return item.model_copy(update={"gathering": own, "published_at": NOW, "revision": 3})


def read_calendar(content):
    return list(vobject.readOne(content.decode()).vevent_list)


def lines(content):
    return content.decode().replace("\r\n ", "").split("\r\n")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("path", WITH_FEED)
async def test_each_list_is_a_feed_that_feed_readers_take(browser, code, path):
    response = await browser.get(f"/{code}{path}.atom")
    found = feedparser.parse(response.content)

    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert (found.bozo, found.version) == (False, "atom10")
    assert found.feed.language == CODES[code]
    assert found.feed.author
    assert {each.rel: each.href for each in found.feed.links} == {
        "self": f"http://site/{code}{path}.atom",
        "alternate": f"http://site/{code}{path}",
    }
    ids = [each.id for each in found.entries]
    assert len(ids) == len(set(ids)) > 0
    for each in found.entries:
        assert each.title
        assert each.summary
        assert each.updated_parsed
        assert (await browser.get(each.link)).status_code == 200


@pytest.mark.parametrize("path", WITH_FEED)
async def test_a_list_leads_to_its_feed(browser, path):
    text = (await browser.get(f"/sc{path}")).text

    assert re.search(
        rf'<link rel="alternate" type="application/atom\+xml"[^>]*"/sc{path}.atom">', text
    )
    assert re.search(rf'<a class="govuk-link" href="/sc{path}.atom"', text)


def test_an_entry_keeps_its_id_and_says_when_it_was_changed(edition):
    item = edition.by_id["partners-2024"].model_copy(update={"published_at": NOW})
    before = feedparser.parse(feed(edition, BY_KIND["news"], NEWS, ORIGIN))
    changed = replace(edition, by_kind={"news": [item]}, _made={})
    after = feedparser.parse(feed(changed, BY_KIND["news"], NEWS, "https://moved.example"))

    (entry,) = after.entries
    assert entry.id in [each.id for each in before.entries]
    assert after.feed.id == before.feed.id
    assert datetime.fromisoformat(entry.updated) == NOW
    assert datetime.fromisoformat(after.feed.updated) == NOW
    day = datetime.fromisoformat(entry.published).astimezone(HONG_KONG)
    assert day.date() == item.news.date


def test_a_feed_has_the_last_ones_alone(edition):
    item = edition.by_id["partners-2024"]
    many = [
        item.model_copy(
            update={"item_id": f"n-{each}", "published_at": NOW + timedelta(minutes=each)}
        )
        for each in range(LONGEST + 10)
    ]
    search = {each.item_id: edition.search[item.item_id] for each in many}
    large = replace(edition, by_kind={"news": many}, search=search, _made={})
    entries = feedparser.parse(feed(large, BY_KIND["news"], NEWS, ORIGIN)).entries

    assert len(entries) == LONGEST
    assert entries[0].link == f"{ORIGIN}/tc/news/n-{LONGEST + 9}"


def test_an_empty_feed_is_a_feed(edition):
    empty = replace(edition, by_kind={}, _made={})
    found = feedparser.parse(feed(empty, BY_KIND["news"], NEWS, ORIGIN))

    assert (found.bozo, found.entries) == (False, [])
    assert found.feed.updated_parsed


def test_text_that_is_no_xml_breaks_no_feed(edition):
    item = edition.by_id["partners-2024"]
    words = item.words["zh-Hant"].model_copy(update={"title": "<b>&\x0b]]>甲"})
    item = item.model_copy(update={"words": item.words | {"zh-Hant": words}})
    one = replace(edition, by_kind={"news": [item]}, _made={})
    found = feedparser.parse(feed(one, BY_KIND["news"], NEWS, ORIGIN))

    assert not found.bozo
    assert "&lt;b>&amp;]]>甲" in feed(one, BY_KIND["news"], NEWS, ORIGIN).decode().replace(
        "&gt;", ">"
    )


def test_what_is_not_translated_says_its_language(edition):
    item = edition.by_id["partners-2024"]
    item = item.model_copy(update={"words": item.words | {"zh-Hant": item.words["en"]}})
    one = replace(edition, by_kind={"news": [item]}, _made={})

    assert '<entry xml:lang="en-HK">' in feed(one, BY_KIND["news"], NEWS, ORIGIN).decode()


def test_an_event_has_its_hours_in_its_time_zone(edition):
    zone = ZoneInfo("Asia/Shanghai")
    starts, ends = datetime(2027, 3, 5, 14, 30, tzinfo=zone), datetime(2027, 3, 5, 17, tzinfo=zone)
    day = {"starts_on": starts.date(), "ends_on": ends.date(), "time_zone": "Asia/Shanghai"}
    item = an_event_item(edition, starts_at=starts, ends_at=ends, **day)
    content = calendar([item], EVENTS, ORIGIN)
    (event,) = read_calendar(content)

    assert event.dtstart.value == starts
    assert event.dtend.value == ends
    assert "DTSTART;TZID=Asia/Shanghai:20270305T143000" in lines(content)
    assert {"BEGIN:VTIMEZONE", "TZID:Asia/Shanghai"} <= {*lines(content)}
    assert event.url.value == f"{ORIGIN}/en/events/briefing-2025"
    assert event.sequence.value == "2"


def test_an_hour_that_a_clock_change_moves_is_right(edition):
    zone = ZoneInfo("Europe/London")
    starts = datetime(2027, 7, 1, 9, tzinfo=zone)
    day = {"starts_on": starts.date(), "ends_on": starts.date(), "time_zone": "Europe/London"}
    item = an_event_item(edition, starts_at=starts, ends_at=starts + timedelta(hours=2), **day)
    (event,) = read_calendar(calendar([item], EVENTS, ORIGIN))

    assert event.dtstart.value == starts
    assert event.dtstart.value.utcoffset() == timedelta(hours=1)


def test_of_an_event_whose_hours_are_not_known_the_days_are_said(edition):
    first, last = date(2027, 3, 5), date(2027, 3, 6)
    item = an_event_item(edition, starts_on=first, ends_on=last, starts_at=None, ends_at=None)
    (event,) = read_calendar(calendar([item], EVENTS, ORIGIN))

    assert event.dtstart.value == first
    assert event.dtend.value == last + timedelta(days=1)


def test_an_end_that_is_not_known_is_not_made_up(edition):
    starts = datetime(2027, 3, 5, 9, tzinfo=HONG_KONG)
    day = {"starts_on": starts.date(), "ends_on": starts.date()}
    item = an_event_item(edition, starts_at=starts, ends_at=None, **day)
    (event,) = read_calendar(calendar([item], EVENTS, ORIGIN))

    assert event.dtstart.value == starts
    assert not hasattr(event, "dtend")


@pytest.mark.parametrize("zone", ["Nowhere/None", "America", "a" * 300, "", "../etc"])
def test_a_time_zone_that_nobody_knows_leaves_the_moments_right(edition, zone):
    starts = datetime(2027, 3, 5, 9, tzinfo=HONG_KONG)
    day = {"starts_on": starts.date(), "ends_on": starts.date(), "time_zone": zone}
    item = an_event_item(edition, starts_at=starts, ends_at=starts, **day)
    (event,) = read_calendar(calendar([item], EVENTS, ORIGIN))

    assert event.dtstart.value == starts


async def test_the_calendar_has_the_host_that_was_asked_and_only_one_is_remembered(browser, site):
    hosts = ["one.example", "two.example", "one.example"]
    texts = [(await browser.get("/en/events.ics", headers={"Host": each})).text for each in hosts]

    for host, text in zip(hosts, texts, strict=True):
        assert f"http://{host}/en/events" in text.replace("\r\n ", "")
    assert [*site.edition.once(("calendar", "en"), dict)] == ["http://one.example"]


async def test_all_events_are_a_calendar_and_each_is_a_file_of_its_own(browser, edition):
    text = (await browser.get("/tc/events")).text
    assert 'href="/tc/events.ics"' in text
    response = await browser.get("/tc/events.ics")
    items = edition.by_kind["event"]
    everything = {each.uid.value: each.summary.value for each in read_calendar(response.content)}

    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="events.ics"'
    assert len(everything) == len(items)
    for each in items:
        page = (await browser.get(f"/tc/events/{each.item_id}")).text
        assert f'href="/tc/events/{each.item_id}.ics"' in page
        (event,) = read_calendar((await browser.get(f"/tc/events/{each.item_id}.ics")).content)
        assert everything[event.uid.value] == event.summary.value == each.words["zh-Hant"].title


async def test_an_event_is_the_same_one_in_each_language(browser):
    files = [(await browser.get(f"/{code}/events/briefing-2025.ics")).content for code in CODES]

    assert len({read_calendar(each)[0].uid.value for each in files}) == 1


def urls(content):
    root = ET.fromstring(content)  # noqa: S314  # our own
    assert root.tag == f"{MAPS}urlset"
    return {each.findtext(f"{MAPS}loc"): each for each in root}


async def test_the_site_map_has_every_page_in_each_language_with_the_others(browser, edition):
    response = await browser.get("/sitemap.xml")
    found = urls(response.content)

    assert response.headers["content-type"] == "application/xml; charset=utf-8"
    for code, kind in ((code, kind) for code in CODES for kind in FOLDERS):
        for each in edition.by_kind[kind]:
            assert f"http://site/{code}/{FOLDERS[kind]}/{each.item_id}" in found
    for address, each in found.items():
        tags = {link.get("hreflang"): link.get("href") for link in each.findall(ALTERNATE)}
        assert address in tags.values()
        assert set(tags) == {*CODES.values(), "x-default"}
        assert {tags[tag] for tag in CODES.values()} <= set(found)
        assert [child.tag for child in each][:1] == [f"{MAPS}loc"]
    for address in [*found][::40]:
        assert (await browser.get(address)).status_code == 200


async def test_the_site_map_has_the_pages_that_links_lead_to_and_robots_may_index(browser):
    known, waiting = {}, {"/en"}
    while waiting:
        address = waiting.pop()
        response = await browser.get(address)
        is_page = response.headers["content-type"].startswith("text/html")
        known[address] = is_page and '<meta name="robots" content="noindex' not in response.text
        if is_page:
            links = re.findall(r'href="(/en(?:/[^"?#]*)?(?:\?page=\d+)?)["#]', response.text)
            waiting |= {*links} - known.keys()
    found = urls((await browser.get("/sitemap.xml")).content)

    listed = {each.removeprefix("http://site") for each in found}
    assert {each for each in listed if each.startswith("/en")} == {
        address for address, is_indexed in known.items() if is_indexed and "?" not in address
    }


async def test_a_large_site_map_is_a_list_of_files(browser, site, edition):
    items = [
        each.model_copy(update={"item_id": f"{each.item_id}-{number}"})
        for number in range(100)
        for each in edition.by_kind["case"][:10]
    ]
    site.edition = replace(edition, by_kind={"case": items}, _made={})
    root = ET.fromstring((await browser.get("/sitemap.xml")).content)  # noqa: S314
    files = [each.findtext(f"{MAPS}loc") for each in root]
    found = [urls((await browser.get(each)).content) for each in files]

    assert root.tag == f"{MAPS}sitemapindex"
    assert len(files) == 2
    assert sum(map(len, found)) == 3 * len(sitemap.listed(site.edition)) > 3_000
    assert not found[0].keys() & found[1].keys()
    assert len(found[0]) <= 50_000


async def test_robots_are_led_to_the_site_map(browser):
    text = (await browser.get("/robots.txt")).text

    assert "Sitemap: http://site/sitemap.xml" in text.splitlines()
    assert "Disallow: /v1/" in text.splitlines()


@pytest.mark.parametrize("code", CODES)
async def test_an_item_whose_name_is_that_of_a_file_has_a_page(browser, code):
    assert (await browser.get(f"/{code}/events/briefing-2025")).status_code == 200
    assert (await browser.get(f"/{code}/news.ics")).status_code == 404
