"""The page of the Recognition Scheme says what the published rules say."""

import pytest

from services.portal.pages.recognition import next_round, open_rounds, procedure_of, requirements
from services.portal.web.formats import day
from services.portal.web.languages import ENGLISH, SIMPLIFIED, TRADITIONAL


def test_a_round_is_open_from_its_first_day_to_its_last(edition):
    scheme = edition.scheme
    one = scheme.rounds[-1]

    assert one in open_rounds(scheme, one.opens)
    assert one in open_rounds(scheme, one.closes)
    assert one not in open_rounds(scheme, one.closes.replace(year=one.closes.year + 1))


def test_the_next_round_is_the_first_that_opens_later(edition):
    first, second, *_ = sorted(edition.scheme.rounds, key=lambda each: each.opens)
    last = max(each.opens for each in edition.scheme.rounds)

    assert next_round(edition.scheme, first.opens) == second
    assert next_round(edition.scheme, last) is None


def test_the_procedure_and_the_requirements_are_those_of_the_year(edition):
    first = edition.scheme.procedures[0]
    manufacturing = edition.scheme.categories[0]
    since = manufacturing.prerequisites[0].from_year

    assert procedure_of(edition.scheme, first.from_year) == first
    assert procedure_of(edition.scheme, first.from_year - 1) is None
    assert ("hong_kong_owned", None, "S20, S22") in requirements(manufacturing, since)
    assert requirements(manufacturing, since - 1) == []


@pytest.mark.parametrize(
    ("code", "language"), [("en", ENGLISH), ("tc", TRADITIONAL), ("sc", SIMPLIFIED)]
)
async def test_every_round_is_on_the_page_with_its_days(browser, edition, code, language):
    text = (await browser.get(f"/{code}/recognition")).text

    assert all(day(each.opens, language) in text for each in edition.scheme.rounds)
    assert all(day(each.closes, language) in text for each in edition.scheme.rounds)
