"""Plots: bars in per cent of the longest, and the table that says the same."""

import re
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.web.languages import LANGUAGES
from services.portal.web.page import Page
from services.portal.web.plots import Bar, Table, bars, columns, grouped, ranges, stacked
from services.portal.web.templating import TEMPLATES


def lanes(plot):
    return [each.lanes for each in plot.rows]


def test_bars_are_in_per_cent_of_the_longest():
    plot = bars("a", "A", [("x", 4, "4"), ("y", 1, "1"), ("z", 0, "0"), ("w", None, "-")])

    assert lanes(plot) == [[[Bar(0, 100)]], [[Bar(0, 25)]], [], []]


def test_bars_of_nothing_are_none():
    assert lanes(bars("a", "A", [("x", 0, "0")])) == [[]]
    assert bars("a", "A", []).rows == []
    assert columns("a", "A", "0", []).columns == []


def test_grouped_bars_have_a_lane_each_and_keep_their_colour():
    plot = grouped("a", "A", ["one", "two"], [("2017", [None, 3], "3"), ("2018", [6, 3], "9")])

    assert lanes(plot) == [[[Bar(0, 50, 1)]], [[Bar(0, 100, 0)], [Bar(0, 50, 1)]]]


def test_stacked_bars_follow_each_other():
    plot = stacked("a", "A", ["one", "two"], [("2017", [1, 3], "4"), ("2018", [None, 2], "2")])

    assert lanes(plot) == [[[Bar(0, 25, 0), Bar(25, 75, 1)]], [[Bar(0, 50, 1)]]]


def test_a_range_goes_from_low_to_high_and_one_value_can_be_seen():
    plot = ranges("a", "A", [("x", Decimal("2.5"), 10, "2.5 to 10"), ("y", 10, 10, "10")])

    assert lanes(plot) == [[[Bar(25, 75)]], [[Bar(99, 1)]]]


def test_columns_have_labels_where_there_is_room():
    plot = columns("a", "A", "12", [(str(n), [n]) for n in range(1, 13)])

    assert [each.label for each in plot.columns if each.label] == ["1", "3", "5", "7", "9", "11"]
    assert plot.columns[11].bars == [Bar(0, 100)]


VALUES = st.one_of(st.none(), st.integers(0, 10**12), st.floats(0, 1e12), st.decimals(0, 10**12))


@given(st.lists(st.tuples(st.text(), st.lists(VALUES, max_size=4), st.text()), max_size=8))
def test_no_bar_leaves_its_plot(rows):
    for plot in (grouped("a", "A", [], rows), stacked("a", "A", [], rows)):
        for bar in (bar for row in plot.rows for lane in row.lanes for bar in lane):
            assert 0 <= bar.start <= bar.start + bar.size <= 100.05


class Ids(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.referred, self.styled = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                assert value not in self.ids
                self.ids.add(value)
            if name in {"aria-labelledby", "aria-describedby"}:
                self.referred.add(value)
            if name == "style":
                self.styled.append(tag)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.code)
@pytest.mark.parametrize(
    "plot",
    [
        stacked("p", "Title", ["one"], [("<x>", [1], "1")]),
        columns("p", "Title", "<top>", [("<x>", [1])], ["one"]),
    ],
    ids=["rows", "columns"],
)
def test_a_plot_has_a_name_and_a_table_and_no_inline_style(plot, language):
    table = Table("t", "Caption", ["Year", "Number"], [["<x>", "1"]], frozenset({1}))
    macros = TEMPLATES.get_template("site/plots.html.j2").module
    text = str(macros.plot_with_table(plot, table, Page(language, "")))
    found = Ids(text)

    assert found.referred <= found.ids
    assert not found.styled
    assert "<x>" not in text
    assert "<top>" not in text
    assert re.search(r'role="img" aria-labelledby="p-title"', text)
    assert '<th scope="row" class="govuk-table__header">&lt;x&gt;</th>' in text
    assert 'class="govuk-table__cell govuk-table__cell--numeric">1</td>' in text
