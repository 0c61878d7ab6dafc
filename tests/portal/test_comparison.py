"""Technologies side by side: what an address may ask for, and what is kept apart."""

import re
from decimal import Decimal

import pytest

from services.portal.toolbox.comparison import MOST, chosen, rows, sizes
from services.portal.web.wording import WORDING

FOUR = (
    "activated-carbon-filter",
    "water-based-inks-solvent-distillation",
    "split-dye-effluent",
    "injection-press-retrofit",
)


def address(*ids, code="en"):
    return f"/{code}/toolbox/compare?" + "&".join(f"item={each}" for each in ids)


def row_of(found, of, kind=""):
    return next(each for each in found if (each.of, each.kind) == (of, kind))


def test_technologies_come_in_the_order_of_the_address_and_each_once(edition):
    found = chosen(edition.by_id, [FOUR[1], FOUR[0], "", FOUR[1]])

    assert [each.item_id for each in found.items] == [FOUR[1], FOUR[0]]
    assert found.is_right


def test_what_is_no_technology_is_named(edition):
    found = chosen(edition.by_id, ["no-such", "cc-joint-printing", FOUR[0]])

    assert found.unknown == ["no-such", "cc-joint-printing"]
    assert not found.is_right


def test_printed_and_computed_paybacks_are_in_rows_of_their_own(edition):
    found = rows([edition.by_id["water-based-inks-solvent-distillation"]])

    [[printed]] = row_of(found, "payback", "printed").cells
    [[computed]] = row_of(found, "payback", "computed").cells
    assert (printed.shown.low, printed.shown.unit) == (Decimal(5), "months")
    assert computed.shown.basis == "computed"


def test_a_row_has_a_cell_for_each_technology_and_money_comes_first(edition):
    found = rows([edition.by_id[each] for each in FOUR])

    assert found[0].of == "investment"
    assert all(len(each.cells) == len(FOUR) for each in found)
    [filter_, _, _, retrofit] = row_of(found, "investment").cells
    assert [(e.shown.low, e.shown.currency, e.sources) for e in filter_] == [
        (Decimal(300_000), "HKD", ["S26"])
    ]
    assert retrofit == []


def test_every_figure_of_the_examples_is_in_some_row(edition):
    for item in edition.by_kind["technology"]:
        every = [f for example in item.technology.examples for f in example.figures]
        shown = [f for row in rows([item]) for each in row.cells[0] for f in each.figures]
        assert len(shown) == len(every), item.item_id
        assert all(each in shown for each in every)


def test_what_is_known_of_the_size_is_said(edition):
    assert [each.of for each in sizes(edition.by_id[FOUR[3]])] == ["presses", "factories"]


@pytest.mark.parametrize("code", ["en", "tc", "sc"])
async def test_four_are_compared_at_an_address_that_other_languages_keep(browser, code):
    response = await browser.get(address(*FOUR, code=code))
    text = response.text

    assert response.status_code == 200
    assert len(re.findall(r'<th scope="col"', text)) == MOST
    assert f'href="/{code}/technologies/activated-carbon-filter#S26"' in text
    assert WORDING[code]["compare.payback-printed"] in text
    assert WORDING[code]["compare.payback-computed"] in text
    query = address(*FOUR).partition("?")[2].replace("&", "&amp;")
    for other in ("en", "tc", "sc"):
        assert f'/{other}/toolbox/compare?{query}"' in text


async def test_more_than_four_are_refused_with_what_to_do(browser):
    response = await browser.get(address(*FOUR, "central-chiller"))
    text = response.text

    assert response.status_code == 400
    assert "<title>Error: Compare technologies" in text
    assert "There is a problem" in text
    assert "Choose at most 4 technologies; 5 are chosen. Remove some below." in text
    assert 'href="#chosen"' in text
    assert 'id="chosen"' in text
    assert f'href="{address(*FOUR).replace("&", "&amp;")}"' in text  # without the fifth


async def test_an_unknown_technology_is_named_and_is_no_markup(browser):
    response = await browser.get("/en/toolbox/compare?item=%3Cb%3Ex")

    assert response.status_code == 400
    assert "<b>" not in response.text
    assert "There is no technology “&lt;b&gt;x”." in response.text


async def test_without_technologies_the_page_says_where_to_choose(browser):
    response = await browser.get("/en/toolbox/compare")

    assert response.status_code == 200
    assert 'href="/en/toolbox"' in response.text


async def test_the_list_offers_each_technology_to_compare(browser, edition):
    text = (await browser.get("/en/toolbox")).text

    for each in edition.by_kind["technology"]:
        assert f'type="checkbox" value="{each.item_id}"' in text
    assert 'action="/en/toolbox/compare"' in text
