"""Events on pages: when they are, in what languages, how to register, whether they are over."""

from datetime import UTC, date, datetime

import pytest

from services.portal.rules import fact_of
from services.portal.site.edition import Facts
from services.portal.web.gatherings import is_over, may_register, when
from services.portal.web.languages import LANGUAGES
from services.portal.web.page import Page
from shared.events.content import Gathering
from tests.factories import an_event

DAY = date(2026, 12, 10)
REGISTRATION = "https://register.example/briefing"


def a_gathering(**changes):
    fields = {"starts_on": DAY, "ends_on": DAY, "time_zone": "Asia/Hong_Kong", "format": "both"}
    return Gathering(**{**fields, **changes})


TIMED = {
    "starts_at": datetime(2026, 12, 10, 6, 30, tzinfo=UTC),
    "ends_at": datetime(2026, 12, 10, 8, 0, tzinfo=UTC),
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ("10 December 2026", "2026年12月10日", "2026年12月10日")),
        (
            {"ends_on": date(2026, 12, 12)},
            (
                "10 December 2026 to 12 December 2026",
                "2026年12月10日至2026年12月12日",
                "2026年12月10日至2026年12月12日",
            ),
        ),
        (
            TIMED,
            (
                "10 December 2026, 14:30 to 16:00 (Hong Kong Standard Time)",
                "2026年12月10日 14:30至16:00（香港標準時間）",  # noqa: RUF001
                "2026年12月10日 14:30至16:00（香港标准时间）",  # noqa: RUF001
            ),
        ),
        (
            {**TIMED, "ends_on": date(2026, 12, 11), "time_zone": "Asia/Shanghai"},
            (
                "10 December 2026, 14:30 to 11 December 2026, 16:00 (China Standard Time)",
                "2026年12月10日 14:30至2026年12月11日 16:00（中國標準時間）",  # noqa: RUF001
                "2026年12月10日 14:30至2026年12月11日 16:00（中国标准时间）",  # noqa: RUF001
            ),
        ),
    ],
)
def test_an_event_says_its_days_and_times_with_their_zone(changes, words):
    own = a_gathering(**changes)

    assert tuple(when(own, Page(each, "")) for each in LANGUAGES) == words


@pytest.mark.parametrize(
    ("changes", "now", "over"),
    [
        ({}, datetime(2026, 12, 10, 15, 59, tzinfo=UTC), False),
        ({}, datetime(2026, 12, 10, 16, 0, tzinfo=UTC), True),
        ({"time_zone": "UTC"}, datetime(2026, 12, 10, 16, 0, tzinfo=UTC), False),
        (TIMED, TIMED["ends_at"], False),
        (TIMED, datetime(2026, 12, 10, 8, 1, tzinfo=UTC), True),
    ],
)
def test_an_event_is_over_after_its_end(changes, now, over):
    own = a_gathering(**changes)

    assert is_over(own, now) is over
    assert may_register(own, now) is not over


def test_registration_is_open_to_its_last_day():
    own = a_gathering(registration_closes_on=date(2026, 12, 1))

    assert may_register(own, datetime(2026, 12, 1, 12, tzinfo=UTC))
    assert not may_register(own, datetime(2026, 12, 1, 16, tzinfo=UTC))


@pytest.fixture
def coming(site, edition):
    """A briefing with all that an event can say, beside one of the past."""
    past = edition.by_id["briefing-2025"]
    own = a_gathering(
        **TIMED,
        spoken=("yue", "en"),
        registration_address=REGISTRATION,
        registration_closes_on=date(2026, 12, 1),
    )
    facts = Facts()
    item = past.model_copy(update={"item_id": "briefing-2026", "gathering": own})
    facts.add(fact_of(an_event(each)) for each in (past, item))
    site.edition = facts.edition()


@pytest.mark.usefixtures("coming")
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", ("14:30 to 16:00", "Cantonese, English", "until 1 December 2026")),
        ("tc", ("14:30至16:00", "粵語、英語", "截至2026年12月1日")),
        ("sc", ("14:30至16:00", "粤语、英语", "截至2026年12月1日")),
    ],
)
async def test_the_page_of_a_coming_event_says_all_about_it(browser, code, words):
    text = (await browser.get(f"/{code}/events/briefing-2026")).text

    assert all(each in text for each in words)
    assert f'href="{REGISTRATION}"' in text


@pytest.mark.usefixtures("coming")
@pytest.mark.parametrize(
    ("code", "coming_words", "over"),
    [("en", "Coming", "Past"), ("tc", "即將舉行", "已結束"), ("sc", "即将举行", "已结束")],
)
async def test_lists_tell_coming_events_from_past_ones(browser, code, coming_words, over):
    text = (await browser.get(f"/{code}/events")).text
    first, second = text.partition('class="govuk-list site-list"')[2].split("<li>")[1:3]

    assert f">{coming_words}</strong>" in first
    assert f">{over}</strong>" in second


@pytest.mark.usefixtures("coming")
async def test_who_comes_too_late_to_register_is_told(site_app, browser):
    site_app.state.now = lambda: datetime(2026, 12, 2, 12, tzinfo=UTC)
    text = (await browser.get("/en/events/briefing-2026")).text

    assert f'href="{REGISTRATION}"' not in text
    assert ">closed</dd>" in " ".join(text.split()).replace("> ", ">").replace(" <", "<")
