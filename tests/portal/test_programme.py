"""The page of the Programme says what the published rules say."""

from datetime import date
from decimal import Decimal

import pytest

from services.portal.pages.phases import status_on
from services.portal.pages.programme import open_phases
from services.portal.web.formats import cents, day, money, share
from services.portal.web.languages import ENGLISH, SIMPLIFIED, TRADITIONAL
from shared.clock import hong_kong_date
from shared.events.programme_terms import PhaseDay, PhaseTerms
from tests.factories import NOW


def phase(opens, closes):
    days = [PhaseDay(source="S1", **each) for each in (opens, closes)]
    return PhaseTerms(name="5", opens=days[0], closes=days[1], streams=())


CERTAIN = phase({"on": date(2025, 4, 1)}, {"on": date(2027, 3, 31)})
UNCLEAR = phase(
    {"not_before": date(2025, 4, 1), "not_after": date(2025, 12, 31)},
    {"not_before": date(2027, 3, 31), "not_after": date(2027, 12, 31)},
)
ENDLESS = phase({"on": date(2025, 4, 1)}, {})


@pytest.mark.parametrize(
    ("terms", "today", "status"),
    [
        (CERTAIN, date(2025, 3, 31), "ahead"),
        (CERTAIN, date(2025, 4, 1), "open"),
        (CERTAIN, date(2027, 3, 31), "open"),
        (CERTAIN, date(2027, 4, 1), "closed"),
        (UNCLEAR, date(2025, 3, 31), "ahead"),
        (UNCLEAR, date(2025, 12, 30), "maybe-open"),
        (UNCLEAR, date(2025, 12, 31), "open"),
        (UNCLEAR, date(2027, 3, 31), "open"),
        (UNCLEAR, date(2027, 4, 1), "maybe-closed"),
        (UNCLEAR, date(2028, 1, 1), "closed"),
        (ENDLESS, date(2040, 1, 1), "open"),
    ],
)
def test_a_phase_is_open_from_its_first_day_to_its_last(terms, today, status):
    assert status_on(terms, today) == status


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (ENGLISH, ("HK$650,000", "HK$0.50", "50%", "31 December 2027")),
        (TRADITIONAL, ("HK$650,000", "HK$0.50", "50%", "2027年12月31日")),
        (SIMPLIFIED, ("HK$650,000", "HK$0.50", "50%", "2027年12月31日")),
    ],
)
def test_amounts_and_days_are_as_the_language_writes_them(language, words):
    shown = (
        cents(65_000_000, language),
        cents(50, language),
        share(50, language),
        day(date(2027, 12, 31), language),
    )

    assert shown == words


def test_the_currency_of_an_amount_is_never_left_open():
    assert money(Decimal("9E40"), "USD", ENGLISH) == "US$90," + ",".join(["000"] * 13)
    assert money(16000, "USD", ENGLISH) == "US$16,000"
    assert money(300000, "HKD", TRADITIONAL) == "HK$300,000"


@pytest.mark.parametrize("code", ["en", "tc", "sc"])
async def test_every_amount_of_the_rules_is_on_the_page_with_its_source(browser, edition, code):
    language = {"en": ENGLISH, "tc": TRADITIONAL, "sc": SIMPLIFIED}[code]
    text = (await browser.get(f"/{code}/programme")).text

    streams = [each for phase in edition.programme.phases for each in phase.streams]
    ceilings = {each.ceiling_cents for each in streams} - {None}
    assert ceilings
    assert all(cents(each, language) in text for each in ceilings)
    marks = {mark for each in streams for mark in each.source.split(", ")} - {"setting"}
    assert all(f'<li id="{mark}">' in text for mark in marks)


@pytest.mark.parametrize("code", ["en", "tc", "sc"])
async def test_the_first_page_says_what_is_paid_where_the_rules_say_so(browser, edition, code):
    first = (await browser.get(f"/{code}")).text

    today = hong_kong_date(NOW)
    for phase, _ in open_phases(edition.programme, today):
        for each in phase.streams:
            assert cents(each.ceiling_cents, ENGLISH) in first
