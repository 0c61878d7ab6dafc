"""A figure without origin, source, year, unit or currency is refused; none is computed by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.content.folder.figures import breaches_of_example, example_of
from cli.content.folder.forms import ExampleForm
from cli.content.folder.mistakes import written

WHOLE = {"origin": "A", "vendor_claim": False, "source": "S26", "year": 2007}
INVESTMENT = {"of": "investment", "value": 300_000, "currency": "HKD"}
SAVING = {"of": "saving", "value": 100_000, "currency": "HKD", "per": "year"}
WATER = {"of": "water", "value": 90_000, "unit": "m3", "per": "year"}
SHARE = {"of": "voc", "value": 30, "unit": "%"}
PAYBACK = {"of": "payback", "value": 14, "unit": "months"}


def example(*figures, **more):
    return ExampleForm.model_validate({"id": "a", **WHOLE, "figures": figures, **more})


def breaches(form):
    return {written(path): rule for path, rule in breaches_of_example(form)}


def without(figure, *names):
    return {name: value for name, value in figure.items() if name not in names}


@pytest.mark.parametrize(
    "figure",
    [
        INVESTMENT,
        SAVING,
        WATER,
        SHARE,
        PAYBACK,
        {**without(INVESTMENT, "value"), "low": 1, "high": 2},
        {**without(INVESTMENT, "value"), "at_most": 1, "about": True},
        {**without(WATER, "value"), "at_least": 1},
        {**without(WATER, "value"), "before": 80, "after": 0},
        {"of": "investment", "negligible": True},
        {**WATER, "per": "not-stated"},
        {**WATER, "year": "not-stated"},
        {**WATER, "basis": "derived", "from": "1,000 t at 90"},
        {**WATER, "year": 2007, "year_is": "published"},
        {
            "of": "electricity",
            "before": Decimal("0.278"),
            "after": Decimal("0.073"),
            "unit": "kWh/lb",
        },
        {"of": "return", "value": 31, "unit": "%"},
    ],
)
def test_a_whole_figure_is_taken(figure):
    assert breaches(example(figure)) == {}


@pytest.mark.parametrize(
    ("figure", "field"),
    [
        (without(INVESTMENT, "currency"), "currency"),
        ({**INVESTMENT, "unit": "t"}, "unit"),
        (without(SAVING, "per"), "per"),
        (without(WATER, "unit"), "unit"),
        (without(WATER, "per"), "per"),
        ({**WATER, "currency": "HKD"}, "currency"),
        ({**SHARE, "per": "year"}, "per"),
        ({**SHARE, "value": 101}, "value"),
        ({**PAYBACK, "unit": "t"}, "unit"),
        ({**PAYBACK, "per": "year"}, "per"),
        ({**WATER, "unit": "years"}, "unit"),
        (without(WATER, "value"), ""),
        ({**WATER, "at_most": 2}, ""),
        ({**without(WATER, "value"), "low": 1}, ""),
        ({**without(WATER, "value"), "low": 2, "high": 2}, "low"),
        ({**without(WATER, "value"), "before": 1, "after": 2}, "after"),
        ({**WATER, "value": 0}, "value"),
        ({**without(WATER, "value"), "negligible": True}, "negligible"),
        ({**WATER, "basis": "derived"}, "from"),
        ({**WATER, "from": "somewhere"}, "from"),
        ({**WATER, "year_is": "published"}, "year_is"),
        ({**WATER, "year": "not-stated", "year_is": "published"}, "year_is"),
        ({"of": "employees", "value": 5, "unit": "people"}, "of"),
    ],
)
def test_a_figure_that_lacks_something_is_refused(figure, field):
    assert list(breaches(example(figure))) == [f"figures[1].{field}".rstrip(".")]


@pytest.mark.parametrize("name", WHOLE)
def test_what_neither_the_figure_nor_its_example_says_is_refused(name):
    silent = example(WATER, **{name: None})
    said = example({**WATER, name: WHOLE[name]}, **{name: None})

    assert list(breaches(silent)) == [f"figures[1].{name}"]
    assert breaches(said) == {}


def test_size_and_baseline_are_for_comparison():
    size = [
        {"of": "employees", "value": 500, "unit": "people"},
        {"of": "production", "value": 3, "unit": "t", "per": "day"},
        {"of": "presses", "value": 12, "unit": "pieces"},
    ]

    assert breaches(example(SHARE, size=tuple(size), baseline=(WATER,))) == {}
    assert list(breaches(example(SHARE, size=(WATER,)))) == ["size[1].of"]


def test_a_figure_says_itself_what_its_example_says():
    [figure] = example_of(example(SHARE, year_is="published", vendor_claim=True)).figures

    assert (figure.low, figure.high) == (30, 30)
    assert (figure.origin, figure.source, figure.year) == ("A", "S26", 2007)
    assert figure.vendor_claim
    assert figure.year_is_of_source


def test_what_a_figure_says_itself_counts():
    own = {**SHARE, "origin": "D", "vendor_claim": True, "source": "S1", "year": "not-stated"}
    [figure] = example_of(example(own, year_is="published")).figures

    assert (figure.origin, figure.source, figure.year) == ("D", "S1", None)
    assert figure.vendor_claim


def paybacks(*figures):
    found = example_of(example(*figures)).figures
    return [each for each in found if each.of == "payback"]


def money(of, *, low=None, high=None, **more):
    bounds = {"value": low} if low == high else {"low": low, "high": high}
    if low is None or high is None:
        bounds = {"at_least": low} if high is None else {"at_most": high}
    return {**({"per": "year"} if of == "saving" else {}), **bounds, "of": of, **more}


@pytest.mark.parametrize(
    ("investment", "saving", "low", "high", "unit"),
    [
        (16_000, 57_800, "3.3", "3.3", "months"),  # E17, printed as 5 months
        (3_000, 3_929, "9.2", "9.2", "months"),  # E27, printed as 5 months
        (400_000, 20_000, "20.0", "20.0", "years"),  # E3
        (173_772, 173_772, "12.0", "12.0", "months"),  # E20
    ],
)
def test_a_payback_is_computed_and_kept_apart_from_the_printed_one(
    investment, saving, low, high, unit
):
    figures = (
        {"of": "investment", "value": investment, "currency": "USD"},
        {"of": "saving", "value": saving, "currency": "USD", "per": "year"},
        {"of": "payback", "value": 5, "unit": "months"},
    )
    printed, computed = paybacks(*figures)

    assert (printed.basis, printed.low, printed.unit) == ("printed", 5, "months")
    assert (computed.basis, computed.unit) == ("computed", unit)
    assert (computed.low, computed.high) == (Decimal(low), Decimal(high))
    assert computed.derived_from


def test_up_to_a_saving_is_at_least_a_payback():
    [computed] = paybacks(  # E2
        {"of": "investment", "value": 600_000, "currency": "HKD", "basis": "planned"},
        {"of": "saving", "at_most": 100_000, "currency": "HKD", "per": "year"},
    )

    assert (computed.low, computed.high, computed.unit) == (6, None, "years")


@pytest.mark.parametrize(
    "saving",
    [
        {**SAVING, "currency": "USD"},
        {**SAVING, "per": "half-year"},
        {**SAVING, "source": "S1"},
        {**SAVING, "year": 2008},
    ],
)
def test_no_payback_is_computed_from_what_does_not_belong_together(saving):
    assert paybacks(INVESTMENT, saving) == []
    assert paybacks(INVESTMENT) == []
    assert paybacks(INVESTMENT, SAVING, SAVING) == []


AMOUNTS = st.integers(1, 10**9)


@given(st.tuples(AMOUNTS, AMOUNTS).map(sorted), st.tuples(AMOUNTS, AMOUNTS).map(sorted))
def test_a_computed_payback_contains_every_quotient(investment, saving):
    currency = {"currency": "HKD"}
    [computed] = paybacks(
        money("investment", low=investment[0], high=investment[1], **currency),
        money("saving", low=saving[0], high=saving[1], **currency),
    )
    factor = 12 if computed.unit == "months" else 1
    rounding = Decimal("0.051")

    for cost in investment:
        for saved in saving:
            years = Decimal(cost) / Decimal(saved) * factor
            assert computed.low - rounding <= years <= computed.high + rounding
