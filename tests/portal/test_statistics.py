"""Statistics as a page and as open data."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.pages.statistics import MONTHS, latest_months
from services.portal.statistics.amounts import FEWEST, hidden, shown_total
from services.portal.statistics.naming import name_of, ordered
from services.portal.statistics.tally import TABLES, Cell, Tally, replaced, total
from services.portal.web.languages import LANGUAGES
from services.portal.web.page import Page

APPROVED = st.integers(0, 6)


def cells(*approved):
    return {str(n): Cell(each + 1, each, cents=each * 100) for n, each in enumerate(approved)}


@pytest.mark.parametrize(
    ("approved", "codes"),
    [
        ((), ""),
        ((0, 0), ""),
        ((3, 4), ""),
        ((2, 4), "01"),  # else the first is the sum less the second
        ((2, 4, 9), "01"),
        ((1, 1, 9, 5), "013"),  # together they would be two
        ((1, 2, 9), "01"),
        ((2,), "0"),
        ((1, 0), "0"),
    ],
)
def test_amounts_of_few_approvals_are_not_shown(approved, codes):
    assert "".join(sorted(hidden(cells(*approved)))) == codes


@given(st.lists(APPROVED, max_size=8))
def test_what_is_left_out_cannot_be_told_from_the_sum(approved):
    table = cells(*approved)
    out = hidden(table)

    assert all(table[each].approved >= FEWEST or each in out for each in table if table[each].cents)
    left_out = total(table[each] for each in out)
    assert not out or left_out.approved >= FEWEST or shown_total(list(table.values())) is None


def test_the_sum_of_few_approvals_is_not_shown():
    assert shown_total(list(cells(1, 1).values())) is None
    assert shown_total(list(cells(1, 2).values())) == 300
    assert shown_total([]) == 0


def test_a_part_of_a_sum_is_replaced():
    first = Tally({each: {"a": Cell(2, 1, 0, 0, 5)} for each in TABLES}, 1)
    other = Tally({each: {"a": Cell(1), "b": Cell(1)} for each in TABLES}, 2)
    both = replaced(replaced(Tally(), Tally(), first), Tally(), other)

    assert both.tables["phase"] == {"a": Cell(3, 1, 0, 0, 5), "b": Cell(1)}
    assert (both.decisions, both.applications) == (3, 8)
    assert replaced(both, other, Tally()) == first
    assert replaced(first, first, other) == other


def test_months_without_applications_are_shown_too():
    found = latest_months({"2024-12": Cell(1), "2026-11": Cell(2)})

    assert len(found) == MONTHS
    assert (min(found), max(found)) == ("2024-12", "2026-11")
    assert found["2025-01"] == Cell()


def test_rows_stand_in_an_order_that_readers_expect():
    names = ["no-phase", "5", "4"]
    assert [each for each, _ in ordered("phase", dict.fromkeys(names, Cell()))] == names[::-1]
    names = ["no-factory", "other", "textiles", "chemical-products"]
    assert [c for c, _ in ordered("industry", dict.fromkeys(names, Cell()))] == names[::-1]
    places = {"no-factory": Cell(9), "elsewhere": Cell(9), "foshan": Cell(1), "zhuhai": Cell(2)}
    assert [each for each, _ in ordered("place", places)] == [
        "zhuhai",
        "foshan",
        "elsewhere",
        "no-factory",
    ]


@pytest.mark.parametrize(
    ("table", "code", "names"),
    [
        ("phase", "4", ("Phase 4", "第4期", "第4期")),
        ("month", "2026-11", ("Nov 2026", "2026年11月", "2026年11月")),
        ("place", "dongguan", ("Dongguan", "東莞", "东莞")),
        ("place", "hong-kong", ("Hong Kong", "香港", "香港")),
        ("stream", "assessment", ("On-site improvement assessment", "實地評估", "实地评估")),
        ("industry", "no-factory", None),
        ("phase", "no-phase", None),
    ],
)
def test_rows_are_named_in_each_language(table, code, names):
    found = tuple(name_of(table, code, Page(each, "")) for each in LANGUAGES)

    assert found == names if names else len(set(found)) == 3


AMOUNTS = {"en": "HK$1,234,567.07", "tc": "1,234,567.07港元", "sc": "1,234,567.07港元"}
NOT_SHOWN = {"en": "not shown", "tc": "不予顯示", "sc": "不显示"}


@pytest.mark.parametrize("code", AMOUNTS)
async def test_the_page_has_the_figures_and_leaves_out_what_would_tell_a_single_grant(
    browser, code
):
    text = (await browser.get(f"/{code}/statistics")).text

    assert AMOUNTS[code] in text
    assert f">{NOT_SHOWN[code]}</td>" in text
    for secret in (
        "HK$0.07",
        "HK$0.03",
        ">0.07",
        ">0.03",
        "1,234,567<",
        "1,234,567港",
        "1,234,567.04",
    ):
        assert secret not in text
    assert text.count("<figure") == text.count('role="img"') == 2 * 5 + 1
    assert text.count("<table") >= 6
    assert "[S18]" in text
    assert 'id="S18"' in text


async def test_before_the_first_count_the_page_says_so_and_open_data_are_not_there(
    browser, statistics
):
    statistics.as_of = None

    text = (await browser.get("/en/statistics")).text
    assert "The figures are being counted." in text
    assert "<figure" not in text
    assert "[S18]" in text


async def test_without_applications_the_page_says_so(browser, statistics):
    statistics.tally = Tally()

    assert "No application has been received yet." in (await browser.get("/en/statistics")).text


async def test_open_data_are_the_same_figures(browser):
    response = await browser.get("/v1/statistics")
    found = response.json()

    assert response.headers["access-control-allow-origin"] == "*"
    assert found["total"] == {
        "applications": 11,
        "approved": 7,
        "refused": 2,
        "in_progress": 1,
        "withdrawn": 1,
        "amount_cents": 123456707,
    }
    assert "name the Cleaner Production Partnership Programme" in found["licence"]
    stream = {each["code"]: each for each in found["tables"]["stream"]}
    assert stream["assessment"]["amount_cents"] is None
    assert stream["organisation-support"]["names"]["tc"] == "機構支援計劃"
    assert [each["amount_cents"] for each in found["tables"]["phase"]] == [123456707, 0]


@pytest.mark.parametrize("table", TABLES)
async def test_a_table_is_also_a_file(browser, table):
    response = await browser.get(f"/v1/statistics/{table}.csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    data = (await browser.get("/v1/statistics")).json()["tables"][table]

    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert [each["code"] for each in rows] == [each["code"] for each in data]
    assert all("name the Cleaner Production" in each["licence"] for each in rows)
    assert [each["amount_cents"] for each in rows] == [
        "" if each["amount_cents"] is None else str(each["amount_cents"]) for each in data
    ]
    assert [each["name_sc"] for each in rows] == [each["names"]["sc"] for each in data]


async def test_another_table_is_not_there(browser):
    assert (await browser.get("/v1/statistics/contact.csv")).status_code in {404, 422}
