"""The application that an estimate begins: what is missing is null, and said as it is."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from cli.submit.dry_run import wrong_fields
from services.portal.pages.draft import stream_on
from services.portal.toolbox.draft import Known, draft, missing
from shared.events.programme_terms import PhaseDay, PhaseTerms, StreamTerms
from tests.factories import NOW

QUERY = "item=injection-press-retrofit&industry=other&electricity=1000000"
MONEY = "currency=HKD&investment=1234567.5"
FILLED = {
    "/application/enterprise/name": "Sample Limited",
    "/application/enterprise/business_registration_number": "99000001",
    "/application/connection/ground": "2",
    "/application/factory/registration_number": "99000001-001",
    "/application/factory/name": "Sample Factory",
    "/application/factory/place": "hong-kong",
    "/application/factory/city": "Kwun Tong",
    "/application/factory/industry": "other",
    "/application/project/title": "Retrofit",
    "/application/project/cost_cents": 5,
    "/application/project/starts_on": "2027-01-01",
    "/application/project/ends_on": "2027-06-30",
    "/application/technology/name": "Retrofit",
    "/application/technology/on_technology_list": True,
    "/application/technology/developed_by": "others",
    "/contact/name": "A. Person",
    "/contact/email": "person@example.org",
}


def filled(document):
    for pointer in list(missing(document)):
        *path, name = pointer.strip("/").split("/")
        part = document
        for each in path:
            part = part[each]
        part[name] = FILLED[pointer]
    return document


def errors_of(document):
    return [each.pointer for each in wrong_fields(json.dumps(document).encode(), NOW)]


def pointers(text):
    part = text.partition(" download>")[2].partition("</ul>")[0]
    return [each.partition("</code>")[0] for each in part.split("<code>")[1:]]


@pytest.mark.parametrize("code", ["en", "tc", "sc"])
async def test_the_page_names_exactly_what_a_dry_run_of_submit_finds_missing(browser, code):
    page = await browser.get(f"/{code}/toolbox/estimate?{QUERY}&{MONEY}")
    file = await browser.get(f"/{code}/toolbox/estimate/application.ndjson?{QUERY}&{MONEY}")

    assert file.headers["content-disposition"] == 'attachment; filename="application.ndjson"'
    assert file.content.count(b"\n") == 1
    begun = file.json()
    assert sorted(pointers(page.text)) == sorted(missing(begun))
    assert sorted(errors_of(begun)) == sorted(missing(begun))
    assert begun["application"]["project"]["cost_cents"] == 123_456_750
    assert begun["application"]["factory"]["industry"] == "other"
    assert errors_of(filled(begun)) == []


async def test_an_address_with_mistakes_leads_to_its_form(browser):
    path = "/en/toolbox/estimate/application.ndjson?item=injection-press-retrofit&electricity=x"
    response = await browser.get(path)

    assert response.headers["location"] == "/en/toolbox/estimate?item=injection-press-retrofit"


@pytest.mark.parametrize("stream", ["new-technology", "demonstration", "demonstration-i"])
def test_a_filled_draft_is_an_application_of_its_stream(stream):
    begun = draft(Known(stream, "Retrofit", "", None, "zh-Hant"))

    assert ("technology" in begun["application"]) == (stream == "new-technology")
    assert sorted(errors_of(begun)) == sorted(missing(begun))
    assert errors_of(filled(begun)) == []


@pytest.mark.parametrize(
    ("cost", "cents"),
    [("0", None), ("0.001", None), ("0.01", 1), ("1000000000", 10**11), ("1000000001", None)],
)
def test_a_cost_is_taken_if_it_is_whole_cents_that_an_application_may_have(cost, cents):
    begun = draft(Known("demonstration", "", "", Decimal(cost), "en"))

    assert begun["application"]["project"]["cost_cents"] == cents


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
