"""Labels awarded on the platform: the register, the search, and the list."""

import random
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from services.portal.labels.searching import Asked, asked_by, find, years_of
from services.portal.labels.standing import STILL_CURRENT, standing
from services.portal.pages.labels import PAGE_SIZE
from services.portal.pages.paging import page_asked, part
from services.portal.rules import fact_of
from services.portal.site.edition import Facts
from services.portal.web.wording import WORDING
from shared.clock import hong_kong_date
from shared.identifiers import canonical
from tests.factories import NOW, an_event, label_awarded, label_expired, wide

TODAY = hong_kong_date(NOW)
A_DAY = timedelta(days=1)
ID = "7a1f0c52-6a8d-8b0f-9a51-0f4c2d9be730"


def a_label(number="GDHK-2025-00000001-11", **changes):
    days = {"valid_from": date(2025, 11, 1), "valid_to": date(2027, 10, 31), "round_year": 2025}
    return label_awarded(ID, **{"certificate_number": number, **days, **changes})


def the_expiry(label):
    names = ("certificate_number", "round_year", "valid_to")
    return label_expired(ID, **{each: getattr(label, each) for each in names})


LABELS = [
    a_label("GDHK-2025-00000001-11", enterprise_name="Bright Textiles Limited"),
    a_label("GDHK-2025-00000002-08", enterprise_name="光明印刷有限公司"),
    a_label(
        "GDHK-2022-00000003-21",
        enterprise_name=f"{wide('Acme')} Printing",
        category="partner-manufacturing",
        round_year=2022,
        valid_from=date(2022, 12, 1),
        valid_to=TODAY - A_DAY,
    ),
]


def facts_of(*data):
    known = Facts()
    known.add(fact_of(an_event(each)) for each in data)
    return known


def register_of(*data):
    return facts_of(*data).edition().labels


@pytest.fixture
def register():
    return register_of(*LABELS)


@pytest.fixture
def site(edition, site):
    site.edition = facts_of(edition.scheme, *LABELS).edition()
    return site


def names(found):
    return [each.enterprise for each in found]


def test_a_label_is_one_fact_by_its_number_however_that_is_written():
    ids = {
        fact_of(an_event(a_label(each))).id
        for each in ("GDHK-2025-00000001-11", "gdhk 2025 00000001 11", wide("GDHK20250000000111"))
    }

    assert ids == {"label:GDHK20250000000111"}
    assert fact_of(an_event(the_expiry(LABELS[0]))).id == "label-expiry:GDHK20250000000111"


def test_the_register_does_not_depend_on_order_or_repeats():
    events = [*LABELS, the_expiry(LABELS[0]), the_expiry(LABELS[2])]
    expected = register_of(*events)
    for seed in range(20):
        some = [*events, *events[::2]]
        random.Random(seed).shuffle(some)

        assert register_of(*some) == expected
    assert [each.has_expired for each in expected.all] == [True, False, True]


def test_labels_are_listed_by_round_and_name(register):
    assert names(register.all) == [
        "Bright Textiles Limited",
        "光明印刷有限公司",
        f"{wide('Acme')} Printing",
    ]
    assert years_of(register) == [2025, 2022]
    assert register.by_key["GDHK20250000000111"].number == "GDHK-2025-00000001-11"


def test_an_expiry_without_its_label_shows_nothing():
    assert not register_of(the_expiry(LABELS[0])).all


def test_a_label_is_valid_on_its_first_and_last_day(register):
    label = register.all[0]

    assert label.status_on(label.valid_from - A_DAY) == "not-yet-valid"
    assert label.status_on(label.valid_from) == label.status_on(label.valid_to) == "valid"
    assert label.status_on(label.valid_to + A_DAY) == "expired"


def test_a_label_whose_expiry_is_published_is_never_valid():
    label = register_of(LABELS[0], the_expiry(LABELS[0])).all[0]

    assert label.status_on(label.valid_to) == "expired"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Asked(), 3),
        (Asked("bright"), 1),
        (Asked(f"TEXTILES {wide('bright')}"), 1),
        (Asked("印刷"), 1),
        (Asked("光明 有限"), 1),
        (Asked("acme"), 1),
        (Asked("gdhk 2025 00000002/08"), 1),
        (Asked("dark"), 0),
        (Asked("---"), 0),
        (Asked(year=2025), 2),
        (Asked(year=2024), 0),
        (Asked(category="partner-manufacturing"), 1),
        (Asked(status="valid"), 2),
        (Asked(status="expired"), 1),
        (Asked("printing", 2022, "partner-manufacturing", "expired"), 1),
        (Asked("printing", 2022, "partner-manufacturing", "valid"), 0),
    ],
)
def test_labels_are_found_by_name_number_round_category_and_status(register, asked, found):
    assert len(find(register, asked, TODAY)) == found


def test_what_is_not_offered_is_passed_over():
    asked = asked_by({"q": " a ", "year": "20x5", "category": "gold", "status": "lost"})

    assert asked == Asked("a")
    assert asked_by({"year": wide("2025")}) == Asked()
    assert asked_by({}).query == {}
    assert not asked_by({}).is_anything
    everything = Asked("a", 2025, "partner-supply-chain", "valid")
    assert asked_by(everything.query) == everything


@pytest.mark.parametrize(
    ("typed", "page"), [("", 1), ("2", 2), ("0", 1), ("-1", 1), ("x", 1), ("²", 1), ("99999", 1)]
)
def test_a_page_that_makes_no_sense_is_the_first(typed, page):
    assert page_asked({"page": typed}) == page


def test_a_page_after_the_last_is_the_last():
    results = part(range(101), 9, PAGE_SIZE)

    assert (results.number, results.page, results.pages, list(results.items)) == (101, 3, 3, [100])
    assert part([], 5, PAGE_SIZE).page == 1


def test_valid_is_said_only_while_the_site_is_up_to_date(register):
    valid, _, expired = register.all

    assert standing(valid, NOW - STILL_CURRENT, NOW) == "valid"
    assert standing(valid, NOW - STILL_CURRENT - timedelta(seconds=1), NOW) == "not-confirmed"
    assert standing(valid, None, NOW) == "not-confirmed"
    assert standing(expired, None, NOW) == "expired"


@pytest.mark.parametrize("code", WORDING)
async def test_every_label_is_listed_with_its_status_and_leads_to_its_certificate(browser, code):
    text = (await browser.get(f"/{code}/labels")).text

    for each in LABELS:
        assert each.enterprise_name in text
        assert f'href="/{code}/certificates/{canonical(each.certificate_number)}"' in text
    tag = '<strong class="govuk-tag govuk-tag--{}">{}</strong>'
    assert text.count(tag.format("green", WORDING[code]["standing.valid"])) == 2
    assert text.count(tag.format("grey", WORDING[code]["standing.expired"])) == 1


async def test_no_label_is_shown_as_valid_when_the_site_is_not_up_to_date(browser, site):
    site.read_until = NOW - A_DAY
    text = (await browser.get("/en/labels?status=valid")).text

    assert ">Valid</strong>" not in text
    assert text.count(">Not confirmed</strong>") == 2
    assert WORDING["en"]["labels.not-current"] in text


async def test_what_is_asked_for_stays_in_the_form(browser):
    text = (await browser.get("/en/labels?q=%E5%8D%B0%E5%88%B7&year=2025&status=valid")).text

    assert 'value="印刷"' in text
    assert '<option value="2025" selected>' in text
    assert '<option value="valid" selected>' in text
    assert "Labels found: 1" in text
    assert WORDING["en"]["content.clear"] in text
    assert 'href="/tc/labels?q=%E5%8D%B0%E5%88%B7&amp;year=2025&amp;status=valid"' in text


async def test_texts_of_the_content_lead_to_the_list(browser, site, edition):
    site.edition = edition

    for path in ("/tc/pages/recognition-scheme", "/tc/recognition", "/tc"):
        assert 'href="/tc/labels"' in (await browser.get(path)).text.partition("<main")[2]


async def test_nothing_found_says_what_to_try(browser, site):
    assert WORDING["en"]["labels.try-part"] in (await browser.get("/en/labels?q=dark")).text

    site.edition = facts_of().edition()
    assert WORDING["en"]["labels.none-yet"] in (await browser.get("/en/labels")).text


async def test_the_pages_of_a_long_list_keep_what_is_asked_for(browser, site):
    many = [a_label(f"N{each:04}", enterprise_name=f"Mill {each:04}") for each in range(501)]
    site.edition = facts_of(*many).edition()
    text = (await browser.get("/en/labels?q=mill&status=valid&page=5")).text

    shown = text.partition("<main")[2]
    links = [each.partition('"')[0] for each in shown.split('href="/en/labels?')[1:]]
    pages = [parse_qs(urlsplit(f"?{each.replace('&amp;', '&')}").query) for each in links]
    assert [each["page"] for each in pages] == [["4"], ["1"], ["4"], ["5"], ["6"], ["11"], ["6"]]
    assert all(each["q"] == ["mill"] and each["status"] == ["valid"] for each in pages)
    assert text.count("<h2") == PAGE_SIZE
    assert "Labelled enterprises (page 5 of 11)" in text
