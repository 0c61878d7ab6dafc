"""The estimate as a page: its form, its one address, what it says and what it does not."""

import re
from dataclasses import replace

import pytest

from services.portal.web.wording import WORDING

RETROFIT = "item=injection-press-retrofit"


def address(query, code="en"):
    return f"/{code}/toolbox/estimate?{query}"


async def text_of(browser, query, code="en", status=200):
    response = await browser.get(address(query, code))
    assert response.status_code == status, response.headers.get("location")
    return response.text


@pytest.mark.parametrize("code", ["en", "tc", "sc"])
async def test_the_result_says_from_what_it_follows(browser, code):
    query = f"{RETROFIT}&electricity=1234567&currency=RMB&electricity_price=0.9&investment=1000000"
    text = await text_of(browser, query, code)

    money = {"en": "RMB 440,000", "tc": "人民幣440,000元", "sc": "人民币440,000元"}[code]
    for each in ("490,000", "1,234,567", money, "40%", "2015", "2.3"):
        assert each in text
    assert f'href="/{code}/technologies/injection-press-retrofit#S47"' in text
    for key in ("evidence.reported", "estimate.not-scaled", "estimate.unknown", "draft.missing"):
        assert WORDING[code][key] in text
    assert "23.4" in text  # GWh, as published
    assert "site-plot" in text
    for other in {"en", "tc", "sc"} - {code}:
        assert f'href="{address(query, other)}"'.replace("&", "&amp;") in text


@pytest.mark.parametrize("code", ["en", "tc", "sc"])
async def test_of_very_many_examples_the_first_are_listed_and_the_range_is_of_all(
    browser, site, edition, code
):
    one = edition.by_id["injection-press-retrofit"]
    many = [one.model_copy(update={"item_id": f"many-{number}"}) for number in range(150)]
    by_id = {each.item_id: each for each in many}
    site.edition = replace(edition, by_id=by_id, by_kind={"technology": many}, _made={})
    text = await text_of(browser, "saves=energy&electricity=1000000", code)

    assert WORDING[code]["estimate.entries"].format(number=150) in text
    not_all, examples = WORDING[code]["estimate.not-all"], len(one.technology.examples)
    assert not_all.format(shown=100, number=150) in text
    assert not_all.format(shown=20, number=150 * examples) in text
    assert text.count("<caption") < 30
    rows = re.findall(rf'<th scope="row"[^>]*><a [^>]*href="/{code}/technologies/many-', text)
    assert len(rows) == 100


async def test_a_form_leads_to_the_one_address_of_its_result(browser):
    sent = f"saves=&process=&electricity=1%2C234%2C567.50&fuel=&currency=&{RETROFIT}&other=x"
    response = await browser.get(address(sent))

    assert response.status_code == 302
    assert response.headers["location"] == address(f"{RETROFIT}&electricity=1234567.5")
    assert response.headers["content-security-policy"]


@pytest.mark.parametrize("query", [f"{RETROFIT}&electricity=5", f"{RETROFIT}&electricity=x"])
async def test_what_a_reader_enters_is_kept_nowhere_on_the_way(browser, query):
    response = await browser.get(address(query))
    begun = await browser.get(address(RETROFIT))

    assert response.headers["cache-control"] == "no-store"
    assert begun.headers["cache-control"] != "no-store"


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        (f"{RETROFIT}&electricity=lots", "electricity", "enter a number from 0"),
        (f"{RETROFIT}&electricity=-1", "electricity", "enter a number from 0"),
        (f"{RETROFIT}&electricity=1%2C5", "electricity", "enter a number from 0"),
        (f"{RETROFIT}&electricity=1e99", "electricity", "enter a number from 0"),
        (f"{RETROFIT}&electricity=", "electricity", "Enter at least one figure of a year"),
        (f"{RETROFIT}&output=5", "electricity", "Enter at least one figure of a year"),
        (f"{RETROFIT}&fuel=5", "fuel_unit", "Choose the unit of the fuel."),
        (f"{RETROFIT}&water=5&water_price=4", "currency", "Choose the currency"),
        ("electricity=5", "industry", "Choose an industry, a process"),
    ],
)
async def test_a_mistake_is_named_at_the_top_and_at_its_field(browser, query, field, message):
    text = await text_of(browser, query, status=400)

    assert "<title>Error: What could it mean for my factory?" in text
    assert "There is a problem" in text
    assert f'<a href="#{field}">' in text
    assert f'id="{field}-error"' in text
    assert text.count(message) >= 2
    assert "<h2" in text.partition("<h1")[0]


async def test_what_was_typed_stays_in_the_form_and_is_no_markup(browser):
    text = await text_of(browser, f"{RETROFIT}&electricity=%22%3E%3Cb%3E", status=400)

    assert 'value="&#34;&gt;&lt;b&gt;"' in text


async def test_a_technology_that_there_is_not_is_refused(browser):
    text = await text_of(browser, "item=no-such&electricity=5", status=400)

    assert "There is no such technology." in text


async def test_a_technology_for_other_industries_is_not_applied(browser):
    query = "item=clean-by-design-package&industry=furniture&electricity=1000"

    assert "are of another industry or process than yours" in await text_of(browser, query)


async def test_without_a_share_nothing_is_computed_and_the_figures_are_shown(browser):
    text = await text_of(browser, "item=split-dye-effluent&water=250000")

    assert "No source gives a share that can be applied" in text
    assert "Less water: no comparable example states a share." in text
    assert "about 90,000 m³ a year" in text
    assert "site-plot__row" not in text


async def test_a_choice_rests_on_several_technologies(browser):
    text = await text_of(browser, "process=injection-moulding&electricity=1000000&output=1500")

    assert "400,000 kWh to 740,000 kWh a year" in text
    assert "examples: 2; technologies: 2" in text
    assert "You use 0.67 kWh for each kilogram made." in text
    assert "began at 0.613 kWh for each kilogram." in text  # 0.278 kWh/lb


async def test_the_empty_form_is_a_page(browser):
    text = await text_of(browser, "")

    assert "Of your" not in text
    assert 'name="electricity"' in text


async def test_the_toolbox_leads_to_the_estimate_of_a_choice(browser):
    text = (await browser.get("/en/toolbox?process=printing&investment=to-500k")).text

    assert 'href="/en/toolbox/estimate?process=printing"' in text
    assert 'href="/en/toolbox/estimate?item=activated-carbon-filter"' in text
