"""The page of the Programme says what the published rules say."""

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args

import pytest

from services.portal.pages.phases import sentence, status_on
from services.portal.pages.programme import open_phases
from services.portal.web.formats import cents, day, money, share
from services.portal.web.languages import ENGLISH, LANGUAGES, SIMPLIFIED, TRADITIONAL
from services.portal.web.page import Page
from shared.clock import hong_kong_date
from shared.events.content import Currency
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


UNKNOWN = phase({}, {})
SINCE = phase({"not_before": date(2025, 4, 1)}, {"not_after": date(2027, 12, 31)})


@pytest.mark.parametrize(
    ("terms", "today", "words"),
    [
        (
            CERTAIN,
            date(2025, 3, 31),
            ("not accept applications yet", "尚未接受申請", "尚未接受申请"),
        ),
        (CERTAIN, date(2025, 4, 1), ("until 31 March 2027", "至2027年3月31日", "至2027年3月31日")),
        (CERTAIN, date(2027, 4, 1), ("no longer accepts", "已截止申請", "已截止申请")),
        (
            UNCLEAR,
            date(2025, 4, 1),
            (
                "first day is not published: it is between 1 April 2025 and 31 December 2025.",
                "已經或即將接受申請，開始日期未有公布（2025年4月1日至2025年12月31日之間）。",  # noqa: RUF001
                "已经或即将接受申请，开始日期未公布（2025年4月1日至2025年12月31日之间）。",  # noqa: RUF001
            ),
        ),
        (
            UNCLEAR,
            date(2025, 12, 31),
            (
                (
                    "accepts applications. Its last day is not published yet: it is between"
                    " 31 March 2027 and 31 December 2027."
                ),
                "現正接受申請，截止日期尚未公布（2027年3月31日至2027年12月31日之間）。",  # noqa: RUF001
                "正在接受申请，截止日期尚未公布（2027年3月31日至2027年12月31日之间）。",  # noqa: RUF001
            ),
        ),
        (
            UNCLEAR,
            date(2027, 4, 1),
            (
                "may have closed. Its last day is not published yet: it is between 31 March",
                "可能已截止申請，截止日期尚未公布（2027年3月31日至2027年12月31日之間）。",  # noqa: RUF001
                "可能已截止申请，截止日期尚未公布（2027年3月31日至2027年12月31日之间）。",  # noqa: RUF001
            ),
        ),
        (SINCE, date(2025, 4, 1), ("not before 1 April 2025", "不早於2025年", "不早于2025年")),
        (ENDLESS, date(2026, 1, 1), ("not published yet.", "尚未公布。", "尚未公布。")),
        (UNKNOWN, date(2026, 1, 1), ("is not published.", "未有公布。", "未公布。")),
    ],
)
def test_each_status_of_a_phase_has_its_sentence(terms, today, words):
    pages = [Page(each, "") for each in (ENGLISH, TRADITIONAL, SIMPLIFIED)]
    said = [sentence(terms, status_on(terms, today), each) for each in pages]

    assert all(each in sentence for each, sentence in zip(words, said, strict=True)), said


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (datetime(2026, 12, 31, 12, tzinfo=UTC), "Phase 5 accepts applications."),
        (datetime(2027, 1, 2, 12, tzinfo=UTC), "Phase 5 may have closed."),
        (datetime(2028, 1, 2, 12, tzinfo=UTC), "No phase accepts applications at the moment."),
    ],
)
async def test_the_pages_say_when_the_open_phase_may_have_closed(site_app, browser, now, words):
    site_app.state.now = lambda: now

    for path in ("/en", "/en/programme"):
        assert f'<p class="govuk-body-l">{words}' in (await browser.get(path)).text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (ENGLISH, ("HK$650,000", "HK$0.50", "50%", "31 December 2027")),
        (TRADITIONAL, ("650,000港元", "0.50港元", "50%", "2027年12月31日")),
        (SIMPLIFIED, ("650,000港元", "0.50港元", "50%", "2027年12月31日")),
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


@pytest.mark.parametrize(
    ("currency", "written"),
    [
        ("HKD", ("HK$16,000", "16,000港元", "16,000港元")),
        ("RMB", ("RMB 16,000", "人民幣16,000元", "人民币16,000元")),
        ("USD", ("US$16,000", "16,000美元", "16,000美元")),
        ("AUD", ("A$16,000", "16,000澳元", "16,000澳元")),
        ("EUR", ("€16,000", "16,000歐元", "16,000欧元")),
        ("NEW", ("NEW 16,000",) * 3),
    ],
)
def test_the_currency_of_an_amount_is_never_left_open(currency, written):
    assert tuple(money(Decimal(16000), currency, each) for each in LANGUAGES) == written


def test_each_currency_of_the_content_has_its_form():
    for currency, language in itertools.product(get_args(Currency), LANGUAGES):
        assert currency not in money(Decimal(1), currency, language) or currency == "RMB"


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
    language = {"en": ENGLISH, "tc": TRADITIONAL, "sc": SIMPLIFIED}[code]
    first = (await browser.get(f"/{code}")).text

    today = hong_kong_date(NOW)
    for phase, _ in open_phases(edition.programme, today):
        for each in phase.streams:
            assert cents(each.ceiling_cents, language) in first
