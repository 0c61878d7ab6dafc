"""The Toolbox: what fits a choice, and figures as ranges that mix nothing."""

import re
from decimal import Decimal

import pytest

from services.portal.pages.toolbox.listing import choice_of
from services.portal.toolbox.bands import INVESTMENTS, PAYBACKS, investment_fit, payback_fit
from services.portal.toolbox.matching import Choice, match
from services.portal.toolbox.ranges import ranges
from services.portal.toolbox.sorting import ordered
from services.portal.web.wording import WORDING
from shared.events.content import Example, Figure


def a_figure(of, low=None, high=None, **changes):
    fields = {"year": 2007, "origin": "A", "vendor_claim": False, "source": "S26"}
    numbers = {k: Decimal(v) for k, v in {"low": low, "high": high}.items() if v is not None}
    return Figure(**{**fields, "of": of, "basis": "printed", **numbers, **changes})


def an_example(*figures):
    return Example(id="one", figures=figures)


def fitting(edition, **choice):
    found = match(edition.by_kind["technology"], Choice(**choice))
    return {each.item_id for each in found.fitting}, {each.item_id for each in found.unknown}


def test_voc_in_printing_under_half_a_million(edition):
    fits, unknown = fitting(
        edition, industry="printing-and-publishing", saves="voc", investment="to-500k"
    )

    assert "activated-carbon-filter" in fits  # HK$300,000
    assert "water-based-inks-solvent-distillation" in fits  # US$16,000
    assert not fits & unknown


def test_water_in_dyeing(edition):
    fits, _ = fitting(edition, process="dyeing-and-finishing", saves="water")

    assert {"split-dye-effluent", "clean-by-design-package"} <= fits


def test_energy_in_injection_moulding(edition):
    fits, _ = fitting(edition, process="injection-moulding", saves="energy")

    assert {"servo-drive-injection-moulding", "barrel-insulation"} <= fits


@pytest.mark.parametrize(
    ("figure", "band", "fit"),
    [
        (a_figure("investment", 500_000, 500_000, currency="HKD"), "to-500k", "fits"),
        (a_figure("investment", 500_001, 500_001, currency="HKD"), "to-500k", "outside"),
        (a_figure("investment", 16_000, 16_000, currency="USD"), "to-500k", "fits"),
        (a_figure("investment", 64_103, 64_103, currency="USD"), "to-500k", "outside"),
        (a_figure("investment", None, 9_000_000, currency="HKD"), "to-500k", "fits"),
        (a_figure("investment", 2_000_000, 2_000_000, currency="HKD"), "above-2m", "outside"),
        (a_figure("investment", 2_000_001, 2_000_001, currency="HKD"), "above-2m", "fits"),
        (a_figure("investment", 1, 1, currency="XYZ"), "to-500k", "unknown"),
        (a_figure("investment", negligible=True), "to-100k", "fits"),
        (a_figure("saving", 1, 1, currency="HKD"), "to-500k", "unknown"),
    ],
)
def test_an_investment_is_compared_with_a_band(figure, band, fit):
    assert investment_fit(an_example(figure), INVESTMENTS[band]) == fit


@pytest.mark.parametrize(
    ("low", "unit", "band", "fit"),
    [
        (1, "years", "to-1y", "fits"),
        (12, "months", "to-1y", "fits"),
        (13, "months", "to-1y", "outside"),
        (52, "weeks", "to-1y", "fits"),
        (3, "years", "above-3y", "outside"),
        (4, "years", "above-3y", "fits"),
    ],
)
def test_a_payback_is_compared_with_a_band(low, unit, band, fit):
    assert payback_fit(an_example(a_figure("payback", low, low, unit=unit)), PAYBACKS[band]) == fit


def test_what_contradicts_a_choice_is_left_out_and_what_is_not_stated_is_apart(edition):
    every = {each.item_id for each in edition.by_kind["technology"]}
    fits, unknown = fitting(edition, investment="to-100k")

    assert fits
    assert unknown
    assert fits | unknown < every
    assert fitting(edition) == (every, set())


def test_figures_are_joined_only_if_they_are_of_one_kind():
    printed = [a_figure("payback", n, n, unit="years", source=f"S{n}") for n in (1, 3)]
    computed = a_figure("payback", 2, 2, unit="years", basis="computed")
    months = a_figure("payback", 5, 5, unit="months", origin="D", year=None)
    up_to = a_figure("payback", None, 9, unit="years")

    found = ranges([an_example(*printed, computed), an_example(months, up_to)])

    assert [(e.shown.low, e.shown.high, len(e.figures)) for e in found] == [
        (1, 3, 2),
        (2, 2, 1),
        (5, 5, 1),
        (None, 9, 1),
    ]
    assert found[0].sources == ["S1", "S3"]
    assert found[2].origins == ["D"]


def test_answers_that_are_not_offered_leave_their_question_open():
    query = {"industry": "textiles", "saves": "<script>", "payback": "to-9y", "other": "x"}

    assert choice_of(query) == Choice(industry="textiles")


@pytest.mark.parametrize(
    ("code", "amounts"),
    [
        ("en", ("HK$300,000", "US$16,000")),
        ("tc", ("300,000港元", "16,000美元")),
        ("sc", ("300,000港元", "16,000美元")),
    ],
)
async def test_the_answer_names_origin_year_and_source(browser, code, amounts):
    text = (await browser.get(f"/{code}/toolbox?process=printing&investment=to-500k")).text

    assert all(each in text for each in amounts)
    assert f'href="/{code}/technologies/activated-carbon-filter#S26"' in text
    assert '<option value="to-500k" selected>' in text
    assert WORDING[code]["toolbox.payback-hint"] in text.partition('id="payback-hint"')[2]


async def test_a_choice_that_nothing_fits_says_so(browser):
    query = "industry=furniture&process=paper-making"

    assert "No technology fits all of that." in (await browser.get(f"/en/toolbox?{query}")).text


def order_of(edition, by, *item_ids, language="en"):
    return [each.item_id for each in ordered([edition.by_id[e] for e in item_ids], by, language)]


def test_the_least_investment_comes_first_and_what_is_not_stated_last(edition):
    assert order_of(
        edition,
        "investment",
        "activated-carbon-filter",  # HK$300,000
        "barrel-insulation",
        "water-based-inks-solvent-distillation",  # US$16,000, about HK$124,800
        "paper-machine-vacuum-optimisation",  # negligible
    ) == [
        "paper-machine-vacuum-optimisation",
        "water-based-inks-solvent-distillation",
        "activated-carbon-filter",
        "barrel-insulation",
    ]


def test_the_most_money_of_a_year_comes_first(edition):
    assert order_of(
        edition,
        "saving",
        "pump-and-fan-upgrade",  # US$375,000 a year
        "pasteuriser-water-recycling",  # A$29,000 a month: HK$1,740,000 a year
        "energy-performance-contract",  # RMB 5.4 m a year: HK$5,940,000
    ) == ["energy-performance-contract", "pump-and-fan-upgrade", "pasteuriser-water-recycling"]


def test_only_printed_paybacks_are_put_in_order(edition):
    """The lighting has a computed payback alone."""
    found = order_of(
        edition,
        "payback",
        "energy-efficient-lighting",
        "split-dye-effluent",  # a year
        "smaller-shower-nozzles",  # four weeks
    )

    assert found == ["smaller-shower-nozzles", "split-dye-effluent", "energy-efficient-lighting"]


@pytest.mark.parametrize(
    ("code", "words"), [("en", "活性炭"), ("tc", "activated CARBON"), ("sc", "活性碳")]
)
async def test_words_are_found_in_any_language(browser, code, words):
    text = (await browser.get(f"/{code}/toolbox", params={"q": words})).text

    assert 'value="activated-carbon-filter"' in text
    assert 'value="barrel-insulation"' not in text


async def test_an_order_and_its_pages_are_kept_in_other_languages(browser, monkeypatch):
    monkeypatch.setattr("services.portal.pages.toolbox.listing.PAGE_SIZE", 20)
    text = (await browser.get("/en/toolbox?sort=saving&page=2&q=&industry=")).text

    assert 'href="/tc/toolbox?sort=saving&amp;page=2"' in text
    assert 'href="/en/toolbox?sort=saving&amp;page=1"' in text
    assert '<option value="saving" selected>' in text


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("industries/textiles", "CP Toolbox: Textiles"),
        ("processes/printing", "CP Toolbox: Printing"),
    ],
)
async def test_an_industry_and_a_process_have_addresses(browser, path, title):
    text = (await browser.get(f"/en/toolbox/{path}")).text

    assert f"<title>{title}" in text
    assert f'href="/sc/toolbox/{path}"' in text
    assert f'href="/en/toolbox/{path}"' in (await browser.get("/en/toolbox")).text


@pytest.mark.parametrize("path", ["industries/nonsense", "processes/textiles", "saves/water"])
async def test_what_is_no_industry_or_process_has_none(browser, path):
    assert (await browser.get(f"/en/toolbox/{path}")).status_code == 404


async def test_a_long_answer_has_pages_with_each_technology_once_those_that_fit_first(
    browser, edition, monkeypatch
):
    monkeypatch.setattr("services.portal.pages.toolbox.listing.PAGE_SIZE", 7)
    found = match(edition.by_kind["technology"], Choice(payback="to-1y"))
    number, pages = len(found.fitting) + len(found.unknown), []
    for page in range(1, -(-number // 7) + 1):
        text = (await browser.get(f"/en/toolbox?payback=to-1y&page={page}")).text
        assert f"Technologies that fit: {len(found.fitting)}" in text
        assert f'aria-label="Page {page}" aria-current="page"' in text
        pages.append(re.findall(r'id="figures-([^"]+)"', text))

    shown = [each for page in pages for each in page]
    assert {len(each) for each in pages[:-1]} == {7}
    assert len(shown) == len(set(shown)) == number
    assert set(shown[: len(found.fitting)]) == {each.item_id for each in found.fitting}
    assert "payback=to-1y&amp;page=2" in (await browser.get("/en/toolbox?payback=to-1y")).text


async def test_an_entry_is_the_same_whatever_else_is_asked_and_in_another_language_another(browser):
    def entry(text):
        (found,) = [each for each in text.split("<li>") if "figures-activated-carbon" in each]
        return found.partition("</li>")[0]

    async def page(address):
        return (await browser.get(address)).text

    first, again = await page("/en/toolbox"), await page("/en/toolbox?process=printing")
    assert entry(first) == entry(again)
    assert "/en/technologies/" in entry(first)
    assert "/tc/technologies/" in entry(await page("/tc/toolbox"))
