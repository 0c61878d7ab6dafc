"""The application that an estimate begins: what the site knows, and what is null."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from cli.submit.dry_run import wrong_fields
from services.portal.pages.toolbox.begun_application import cents_of, stated, stream_on
from services.portal.pages.toolbox.estimate_form import Asked
from services.portal.toolbox.matching import Choice
from services.portal.toolbox.own import OwnFigures
from services.portal.web.languages import TRADITIONAL
from shared.events.programme_terms import PhaseDay, PhaseTerms, StreamTerms
from tests.factories import NOW

RETROFIT = "injection-press-retrofit"
QUERY = f"item={RETROFIT}&industry=other&electricity=1000000&currency=HKD&investment=1234567.5"


def pointers(text):
    part = text.partition(" download>")[2].partition("</ul>")[0]
    return [each.partition("</code>")[0] for each in part.split("<code>")[1:]]


@pytest.mark.parametrize("code", ["en", "tc", "sc"])
async def test_the_page_names_exactly_what_a_dry_run_of_submit_finds_missing(browser, code):
    page = await browser.get(f"/{code}/toolbox/estimate?{QUERY}")
    file = await browser.get(f"/{code}/toolbox/estimate/application.ndjson?{QUERY}")

    assert file.headers["content-disposition"] == 'attachment; filename="application.ndjson"'
    assert file.headers["cache-control"] == "no-store"
    wrong = [each.pointer for each in wrong_fields(file.content, NOW)]
    assert sorted(pointers(page.text)) == sorted(wrong)
    assert "/contact/email" in wrong
    begun = json.loads(file.content)["application"]
    assert begun["project"]["cost_cents"] == 123_456_750
    assert begun["factory"]["industry"] == "other"


async def test_an_address_with_mistakes_leads_to_its_form(browser):
    address = f"/en/toolbox/estimate/application.ndjson?item={RETROFIT}&electricity=x"
    response = await browser.get(address)

    assert response.headers["location"] == f"/en/toolbox/estimate?item={RETROFIT}"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("stream", ["new-technology", "demonstration-i"])
def test_what_an_estimate_says_of_an_application(edition, stream):
    item = edition.by_id[RETROFIT]
    own = OwnFigures(currency="HKD", investment=Decimal(5))
    asked = Asked(RETROFIT, item, Choice(industry="textiles"), own, (), is_sent=True)
    known = stated(stream, asked, TRADITIONAL)

    title = item.words["zh-Hant"].title
    assert known == {
        "stream": stream,
        "factory": {"industry": "textiles"},
        "project": {"title": title, "cost_cents": 500},
    } | ({"technology": {"name": title}} if stream == "new-technology" else {})


def test_amounts_of_another_currency_are_no_cost():
    own = OwnFigures(currency="RMB", investment=Decimal(5))
    known = stated("demonstration", Asked("", None, Choice(), own, (), is_sent=True), TRADITIONAL)

    assert known == {"stream": "demonstration", "factory": {}, "project": {}}


@pytest.mark.parametrize(
    ("cost", "cents"),
    [("0", None), ("0.001", None), ("0.01", 1), ("1000000000", 10**11), ("1000000001", None)],
)
def test_a_cost_is_taken_if_it_is_whole_cents_that_an_application_may_have(cost, cents):
    assert cents_of(Decimal(cost)) == cents


def a_phase(day, *streams):
    opens = PhaseDay(on=day, source="S1")
    closes = PhaseDay(on=day + timedelta(days=9), source="S1")
    terms = tuple(StreamTerms(stream=each, source="S1") for each in streams)
    return PhaseTerms(name="4", opens=opens, closes=closes, streams=terms)


def test_the_stream_is_one_for_equipment_that_is_open():
    day = date(2024, 6, 1)
    phases = [a_phase(day, "assessment", "demonstration-ii", "demonstration-i")]

    assert stream_on(phases, day) == "demonstration-i"
    assert stream_on(phases, day - timedelta(days=1)) == "new-technology"
