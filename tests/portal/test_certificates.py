"""Certificates by their number: the form, the page of each, and what no certificate has."""

from datetime import date, timedelta
from urllib.parse import quote

import pytest

from services.portal.pages.certificates import LONGEST_NUMBER, example
from services.portal.rules import fact_of
from services.portal.site.edition import Facts
from services.portal.web.formats import day
from services.portal.web.languages import ENGLISH
from services.portal.web.wording import WORDING
from services.recognition.rules.certificate_number import Numbering
from tests.factories import NOW, an_event, label_awarded, label_expired, wide

NUMBER = "GDHK-2025-00000001-11"
HERE = "GDHK20250000000111"
FIRST, LAST = date(2025, 11, 1), date(2027, 10, 31)
ID = "7a1f0c52-6a8d-8b0f-9a51-0f4c2d9be730"
LABEL = label_awarded(
    ID,
    certificate_number=NUMBER,
    enterprise_name="Bright <Textiles> & Limited",
    round_year=2025,
    valid_from=FIRST,
    valid_to=LAST,
)
EXPIRED = label_expired(ID, certificate_number=NUMBER)


def edition_of(*data):
    known = Facts()
    known.add(fact_of(an_event(each)) for each in data)
    return known.edition()


@pytest.fixture
def site(edition, site):
    site.edition = edition_of(edition.scheme, LABEL)
    return site


@pytest.mark.parametrize("code", WORDING)
async def test_the_page_of_a_certificate_says_whose_it_is_and_until_when(browser, code):
    response = await browser.get(f"/{code}/certificates/{HERE}")

    assert response.status_code == 200
    assert NUMBER in response.text
    assert "Bright &lt;Textiles&gt; &amp; Limited" in response.text
    assert WORDING[code]["category.partner-supply-chain"] in response.text
    assert f">{WORDING[code]['standing.valid']}</strong>" in response.text


async def test_valid_is_said_with_the_day_and_as_of_when_the_site_knows_it(browser):
    text = (await browser.get(f"/en/certificates/{HERE}")).text

    words = WORDING["en"]["certificates.valid"].format(
        today=day(NOW, ENGLISH), day=day(NOW, ENGLISH), time="09:30", last=day(LAST, ENGLISH)
    )
    assert words in text


async def test_an_old_site_does_not_say_valid(browser, site):
    site.read_until = NOW - timedelta(hours=2)
    text = (await browser.get(f"/en/certificates/{HERE}")).text

    assert ">Valid</strong>" not in text
    assert ">Not confirmed</strong>" in text


@pytest.mark.parametrize("facts", [(LABEL, EXPIRED), (EXPIRED, LABEL)])
async def test_an_expired_label_is_expired_however_old_the_site_is(browser, site, facts):
    site.edition, site.read_until = edition_of(*facts), NOW - timedelta(days=9)
    text = (await browser.get(f"/en/certificates/{HERE}")).text

    assert ">Expired</strong>" in text
    assert "govuk-tag--green" not in text


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        NUMBER.lower(),
        " gdhk 2025 00000001 11 ",
        wide("GDHK-2025-00000001-11"),
        "GDHK/2025/00000001/11",
        "GDHK—2025—00000001—11",
    ],
)
async def test_a_number_typed_in_any_form_leads_to_one_address(browser, typed):
    canonical_address = f"/tc/certificates/{HERE}"
    by_form = await browser.get("/tc/certificates", params={"number": typed})
    by_address = await browser.get(f"/tc/certificates/{quote(typed)}")

    assert (by_form.status_code, by_form.headers["location"]) == (303, canonical_address)
    assert (by_address.status_code, by_address.headers["location"]) == (301, canonical_address)
    assert (await browser.get(canonical_address)).status_code == 200


async def test_the_address_of_a_qr_code_leads_to_the_language_of_the_reader(browser):
    response = await browser.get(f"/certificates/{NUMBER}", headers={"Accept-Language": "zh-HK"})

    assert (response.status_code, response.headers["location"]) == (
        302,
        f"/tc/certificates/{HERE}",
    )
    assert response.headers["vary"] == "Accept-Language, Accept-Encoding"


@pytest.mark.parametrize("code", WORDING)
async def test_a_number_that_no_certificate_has_says_what_to_check(browser, code):
    response = await browser.get(f"/{code}/certificates/GDHK20250000000112")

    assert response.status_code == 404
    for each in ("unknown", "check-digits", "check-letters", "check-earlier"):
        assert WORDING[code][f"certificates.{each}"] in response.text
    assert 'value="GDHK20250000000112"' in response.text


async def test_an_old_site_says_that_a_new_certificate_may_be_missing(browser, site):
    address = "/en/certificates/GDHK20260000000112"
    words = WORDING["en"]["certificates.unknown-not-current"]
    assert words not in (await browser.get(address)).text

    site.read_until = NOW - timedelta(days=1)
    assert words in (await browser.get(address)).text


@pytest.mark.parametrize("typed", ["", "   ", "---", "A" * (LONGEST_NUMBER + 1)])
async def test_the_form_asks_again_for_what_is_no_number(browser, typed):
    response = await browser.get("/en/certificates", params={"number": typed})

    assert response.status_code == 400
    assert "<title>Error: " in response.text
    assert '<a href="#number">Enter the number of the certificate</a>' in response.text
    assert 'aria-describedby="number-hint number-error"' in response.text


@pytest.mark.parametrize(
    "typed", ["", "---", "A" * (LONGEST_NUMBER + 1), "//evil.example", "/\\evil"]
)
async def test_an_address_never_leads_off_the_site(browser, typed):
    response = await browser.get(f"/en/certificates/{quote(typed)}")

    assert response.status_code == 301
    assert response.headers["location"].startswith("/en/certificates")
    assert "." not in response.headers["location"]


async def test_what_was_typed_is_text(browser):
    response = await browser.get("/en/certificates", params={"number": '"><b>' + "-" * 100})

    assert response.status_code == 400
    assert "<b>" not in response.text


async def test_the_form_shows_a_number_as_the_scheme_prints_it(browser, edition):
    number = example(edition.scheme, NOW.date())
    numbering = Numbering(edition.scheme.procedures[0].certificates.pattern)

    assert len(number) == len(numbering.number(2026, "any"))
    assert number in (await browser.get("/en/certificates")).text
    assert example(None, NOW.date()) == ""


async def test_the_form_is_complete_before_the_scheme_is_published(browser, site):
    site.edition = edition_of()

    assert (await browser.get("/en/certificates")).status_code == 200
    assert (await browser.get("/en/labels")).status_code == 200
