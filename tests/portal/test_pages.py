"""Every page that can be reached, in three languages, as a browser gets it."""

import gzip
import itertools
import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from services.portal.guard.headers import HEADERS
from services.portal.pages.sections import FOLDERS
from services.portal.site.edition import Edition
from services.portal.web.languages import ENGLISH, preferred
from services.portal.web.templating import ICON_ADDRESS, STYLE_ADDRESS
from services.portal.web.wording import WORDING
from shared.events.content_markdown import PAGES_OF_THE_SITE
from tests.factories import NOW

LANGUAGES = {"en": "en-HK", "tc": "zh-Hant-HK", "sc": "zh-Hans-CN"}
LARGEST_FIRST_PAGE = 100_000
FOR_PROGRAMS = (".atom", ".ics")


class Read(HTMLParser):
    """The parts of a page that tests look at."""

    def __init__(self, text):
        super().__init__()
        self.text, self.tags, self.ids = text, [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        if "id" in values:
            self.ids.append(values["id"])

    def all(self, *names):
        return [values for tag, values in self.tags if tag in names]

    @property
    def language(self):
        return self.all("html")[0]["lang"]

    @property
    def title(self):
        return re.search("<title>(.*?)</title>", self.text)[1]

    def links(self):
        links = [each for each in self.all("a") if "download" not in each]
        return [each["href"] for each in links if "href" in each]

    def headings(self):
        return [int(tag[1]) for tag, _ in self.tags if re.fullmatch("h[1-6]", tag)]


def is_here(address):
    return not urlsplit(address).scheme


def is_page(address):
    return is_here(address) and not address.startswith("/v1/")


async def pages_from(browser, *starts):
    """Follow every link of this site; return the pages by path."""
    found, waiting = {}, [*starts]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        response = await browser.get(path)
        assert response.status_code == 200, path
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        found[path] = Read(response.text)
        links = [urljoin(path, each) for each in found[path].links() if is_page(each)]
        shown = [each for each in links if "?" not in each and not each.endswith(FOR_PROGRAMS)]
        waiting += [each.partition("#")[0] for each in shown]
    return found


async def test_every_page_is_there_in_three_languages_and_well_formed(browser, edition):
    items = [
        f"/{code}/{FOLDERS[kind]}/{each.item_id}"
        for code in LANGUAGES
        for kind in FOLDERS
        for each in edition.by_kind[kind]
    ]
    pages = await pages_from(browser, "/en", *items)

    titles = {(each.language, each.title) for each in pages.values()}
    assert len(titles) == len(pages)
    below = {code: {p[3:] for p in pages if p[1:3] == code} for code in LANGUAGES}
    assert below["en"] == below["tc"] == below["sc"] != set()
    for path, page in pages.items():
        assert page.language == LANGUAGES[path[1:3]], path
        headings = page.headings()
        assert headings[0] == 1, path
        assert headings.count(1) == 1, path
        assert all(b <= a + 1 for a, b in itertools.pairwise(headings)), path
        assert len(page.ids) == len(set(page.ids)), path
        assert not page.all("style", "iframe"), path
        assert {each.get("type") for each in page.all("script")} == {"application/ld+json"}, path
        assert not [each for _, each in page.tags if "style" in each], path
        for link in page.links():
            if link.startswith("#"):
                assert link[1:] in page.ids, (path, link)
        alternates = {e["hreflang"]: e["href"] for e in page.all("link") if "hreflang" in e}
        assert set(alternates) == {*LANGUAGES.values(), "x-default"}
        assert all(urlsplit(each).path in {*pages, "/"} for each in alternates.values()), path


async def test_the_first_page_is_small(browser, style_address):
    page, style = await browser.get("/tc"), await browser.get(style_address)

    transferred = sum(len(gzip.compress(each.content)) for each in (page, style))
    assert transferred < LARGEST_FIRST_PAGE
    assert [e["href"] for e in Read(page.text).all("link") if e["rel"] == "stylesheet"] == [
        style_address
    ]


async def test_on_paper_a_page_has_no_navigation_and_says_its_address(browser, style_address):
    page, style = await browser.get("/tc/programme"), await browser.get(style_address)
    printed = style.text.replace(" ", "").partition("@mediaprint{@page")[2]

    address = WORDING["tc"]["feeds.address"].format(address="http://site/tc/programme")
    assert f'<p class="govuk-body-s site-on-paper">{address}</p>' in page.text
    assert ".site-on-paper{display:none}" in style.text.replace(" ", "")
    for rule in (".site-on-paper{display:block}", "break-inside:avoid", "table-header-group"):
        assert rule in printed
    for hidden in (".govuk-service-navigation", ".site-languages", ".govuk-breadcrumbs"):
        assert hidden in style.text.partition("@media print")[2]
    assert 'content:"("attr(href)")"' in style.text.replace(" ", "")


async def test_pages_load_nothing_from_elsewhere_and_say_so(browser, style_address):
    page, style = await browser.get("/en/programme"), await browser.get(style_address)

    for name, value in HEADERS.items():
        assert page.headers[name] == value
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["content-language"] == "en-HK"
    assert "immutable" in style.headers["cache-control"]
    assert "url(" not in style.text
    assert "GDS Transport" not in style.text
    assert "prefers-color-scheme:dark" in style.text.replace(" ", "")


@pytest.mark.parametrize(
    ("of_another", "own"),
    [
        ("/static/portal-of-another-release.css", STYLE_ADDRESS),
        ("/static/icon-of-another-release.svg", ICON_ADDRESS),
    ],
)
async def test_a_page_of_another_release_gets_its_files_too_but_not_for_long(
    browser, of_another, own
):
    other = await browser.get(of_another)

    assert other.content == (await browser.get(own)).content
    assert "immutable" not in other.headers["cache-control"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("zh-HK", "tc"),
        ("zh-Hant-TW,zh;q=0.9,en;q=0.8", "tc"),
        ("yue", "tc"),
        ("zh", "sc"),
        ("zh-CN,zh;q=0.9", "sc"),
        ("zh-Hans-HK", "sc"),
        ("en;q=0.5, zh-CN", "sc"),
        ("zh-CN;q=0, en", "en"),
        ("zh-HK;q=x,,;", "en"),
    ],
)
async def test_a_reader_begins_in_the_language_of_the_browser(browser, asked, code):
    response = await browser.get("/", headers={"Accept-Language": asked})

    assert (response.status_code, response.headers["location"]) == (302, f"/{code}")
    assert response.headers["vary"] == "Accept-Language, Accept-Encoding"


@pytest.mark.timeout(20)  # time grew with the square: 4.4 s for 16,000 characters
@pytest.mark.parametrize("hostile", ["a" * 60_000 + "!", "a-" * 30_000, "a" + " " * 60_000 + "!"])
def test_no_header_makes_the_site_think(hostile):
    assert preferred(f"{hostile},zh-HK") is ENGLISH
    assert preferred(f"zh-HK, {hostile}").code == "tc"


@pytest.mark.parametrize("code", LANGUAGES)
async def test_a_page_that_is_not_there_says_so_in_the_language_of_its_address(browser, code):
    response = await browser.get(f"/{code}/no/such")

    assert response.status_code == 404
    assert WORDING[code]["site.not-found"] in response.text


async def test_a_site_that_has_read_nothing_yet_asks_to_try_again(browser, site):
    site.as_of = None
    response = await browser.get("/en")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    "path", ["/en", "/en/programme", "/en/recognition", "/en/toolbox", "/en/news"]
)
async def test_pages_are_complete_before_the_rules_are_published(browser, site, path):
    site.edition, site.as_of = Edition(), NOW

    assert (await browser.get(path)).status_code == 200


def test_every_language_has_the_same_words_and_places_for_values():
    english, *others = WORDING.values()
    for each in others:
        assert each.keys() == english.keys()
        for key, text in each.items():
            places = re.compile(r"\{\w+\}")
            assert sorted(places.findall(text)) == sorted(places.findall(english[key])), key


async def test_the_icon_is_there_so_that_no_browser_asks_for_one_that_is_not(browser):
    first = (await browser.get("/en")).text
    icon = await browser.get(re.search(r'<link rel="icon" href="([^"]+)"', first)[1])

    assert icon.headers["content-type"] == "image/svg+xml"
    assert icon.is_success


@pytest.mark.parametrize("code", LANGUAGES)
async def test_every_page_that_editors_may_link_to_is_there(browser, code):
    for name in PAGES_OF_THE_SITE - {"home"}:
        assert (await browser.get(f"/{code}/{name}")).status_code == 200, name


@pytest.mark.parametrize(
    ("code", "words"), [("en", "30 November 2026"), ("tc", "2026年11月30日"), ("sc", "资料日期")]
)
async def test_a_guide_says_of_when_it_is(browser, code, words):
    assert words in (await browser.get(f"/{code}/resources/glossary")).text


@pytest.mark.parametrize("code", LANGUAGES)
async def test_who_asks_how_to_check_a_certificate_is_led_there(browser, code):
    text = (await browser.get(f"/{code}/questions/verify-a-certificate")).text

    assert f'href="/{code}/certificates"' in text.partition("<main")[2]
