"""What a technology could mean for a factory: shares applied to own figures, worked by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.toolbox.estimate import estimate
from services.portal.toolbox.matching import Choice, match
from services.portal.toolbox.own import OwnFigures
from services.portal.toolbox.precision import digits_of, rounded
from services.portal.toolbox.shares import shares
from shared.events.content import Example, Figure

FIELDS = {"year": 2015, "origin": "C", "vendor_claim": False, "source": "S1", "basis": "printed"}
NUMBERS = st.decimals(0, 999_999_999, places=2)
PERCENT = st.decimals(0, 100, places=1)


def figure(of, low=None, high=None, **changes):
    numbers = {k: Decimal(v) for k, v in {"low": low, "high": high}.items() if v is not None}
    also = {k: Decimal(v) for k, v in changes.items() if k in {"before", "after"}}
    return Figure(**{**FIELDS, "of": of, **numbers, **changes, **also})


def percent(of, low, high=None, **changes):
    return figure(of, low, low if high is None else high, unit="%", **changes)


def example(*figures, **more):
    return Example(id="one", figures=figures, **more)


def an_item(edition, *examples):
    """A technology of the samples with other examples."""
    item = edition.by_id["injection-press-retrofit"]
    technology = item.technology.model_copy(update={"examples": examples})
    return item.model_copy(update={"technology": technology})


def own(**figures):
    return OwnFigures(**{k: v if isinstance(v, str) else Decimal(v) for k, v in figures.items()})


def spans(found):
    return [(e.of, e.evidence, e.shape, e.saved.low, e.saved.high) for e in found.results]


def of_sample(edition, item_id, **figures):
    return estimate([edition.by_id[item_id]], own(**figures))


# Worked by hand from the sample content.


def test_a_retrofit_of_presses(edition):
    """40 % of 1,234,567 kWh is 493,826.8: with the source's two digits 490,000."""
    found = of_sample(
        edition,
        "injection-press-retrofit",
        electricity=1_234_567,
        electricity_price="0.9",
        currency="RMB",
        investment=1_000_000,
    )

    assert spans(found) == [("electricity", "reported", "range", 490_000, 490_000)]
    [result] = found.results
    assert (result.money.low, result.money.high) == (440_000, 440_000)  # 444,444.12
    assert (result.payback_years.low, result.payback_years.high) == (Decimal("2.3"),) * 2  # 2.2500…
    assert (len(result.entries), result.technologies) == (1, 1)


def test_a_package_for_mills(edition):
    """9 % of 250,000 m3 is 22,500, 6 % of 3,000,000 kWh is 180,000, 4 % is 120,000."""
    found = of_sample(
        edition, "clean-by-design-package", water=250_000, electricity=3_000_000, fuel=0
    )

    assert spans(found) == [
        ("electricity", "reported", "range", 120_000, 120_000),
        ("energy", "reported", "range", 180_000, 180_000),
        ("water", "reported", "range", 22_000, 22_000),  # half to even
    ]


def test_a_claim_of_a_seller_is_no_report(edition):
    """30 to 50 % of 800,000 kWh."""
    found = of_sample(edition, "servo-drive-injection-moulding", electricity=800_000)

    assert spans(found) == [("energy", "claimed", "range", 240_000, 400_000)]
    assert found.results[0].base.alone == "electricity"


def test_a_result_and_an_aim_are_kept_apart(edition):
    """30 % of 12,000 kg was measured, up to 90 % is an aim."""
    found = of_sample(edition, "activated-carbon-filter", voc=12_000)

    assert spans(found) == [
        ("voc", "reported", "range", 3_600, 3_600),
        ("voc", "expected", "at-most", None, 11_000),  # 10,800
    ]


def test_before_and_after_are_a_share(edition):
    """From 46,000 to 14,000 kL a month is 69.565… % less: of 100,000 m3 70,000."""
    found = of_sample(edition, "pasteuriser-water-recycling", water=100_000)

    assert spans(found) == [("water", "reported", "range", 70_000, 70_000)]


def test_a_printed_share_goes_before_one_that_would_be_computed(edition):
    """0.278 to 0.073 kWh/lb would be 73.7 %; the content says 74 %."""
    found = of_sample(edition, "all-electric-injection-press", electricity=1_000_000)

    assert spans(found) == [("electricity", "reported", "range", 740_000, 740_000)]
    assert len(found.results[0].entries) == 1


def test_amounts_are_not_scaled(edition):
    """90,000 m3 a year in a dye house of unknown size says nothing about another."""
    found = of_sample(edition, "split-dye-effluent", water=250_000)

    assert found.results == []
    assert [(each.of, each.why) for each in found.gaps] == [("water", "no-share")]


def test_presses_of_several_technologies(edition):
    """Reported 40 and 74 %, claimed 20 to 40 %; energy is another figure than electricity."""
    items = match(edition.by_kind["technology"], Choice(process="injection-moulding")).fitting
    found = estimate(items, own(electricity=1_000_000))

    assert spans(found) == [
        ("electricity", "reported", "range", 400_000, 740_000),
        ("electricity", "claimed", "range", 200_000, 400_000),
        ("energy", "claimed", "range", 300_000, 500_000),
    ]
    assert found.results[0].technologies == 2


def test_an_energy_bill(edition):
    """17 % of 1,000,000 kWh at 0.8 and 5,000 GJ at 60: 17 % of RMB 1,100,000."""
    prices = {"currency": "RMB", "electricity_price": "0.8", "fuel_price": 60}
    found = of_sample(
        edition,
        "energy-performance-contract",
        electricity=1_000_000,
        fuel=5_000,
        fuel_unit="GJ",
        **prices,
    )

    assert spans(found) == [("energy-cost", "claimed", "range", 190_000, 190_000)]  # 187,000
    assert found.results[0].base.unit == "RMB"


# What may be applied to what.


def test_an_example_with_its_starting_point_is_scaled_by_it(edition):
    base = figure("water", 1_000, 1_000, unit="m3", per="month")
    saved = figure("water", 1_200, 3_000, unit="kL", per="year")
    item = an_item(edition, example(saved, baseline=(base,)))

    found = estimate([item], own(water=60_000))

    assert spans(found) == [("water", "reported", "range", 6_000, 15_000)]  # 10 % and 25 %
    assert found.results[0].entries[0].share.how == "baseline"


def test_an_example_with_its_output_is_scaled_by_it(edition):
    made = figure("production", 2_000, 2_000, unit="t", per="year")
    saved = figure("electricity", 1, 1, unit="GWh", per="year")
    item = an_item(edition, example(saved, size=(made,)))

    assert spans(estimate([item], own(electricity=900_000, output=1_000))) == [
        ("electricity", "reported", "range", 500_000, 500_000)  # 500 kWh a tonne
    ]
    assert estimate([item], own(electricity=900_000)).results == []


def water(value, unit="m3", per="year"):
    return figure("water", value, value, unit=unit, per=per)


@pytest.mark.parametrize(
    ("saved", "base"),
    [
        (water(10, per="day"), water(99)),
        (water(10, unit="t"), water(99)),
        (water(10), water(9)),
        (figure("water", None, 10, unit="m3", per="year"), water(99)),
        (water(1), figure("effluent", 9, 9, unit="m3", per="year")),
    ],
)
def test_what_does_not_fit_together_is_not_scaled(saved, base):
    assert shares(example(saved, baseline=(base,))) == []


def test_an_increase_is_no_saving():
    assert shares(example(figure("water", before=10, after=11, unit="t", per="year"))) == []


def test_fuel_in_tonnes_makes_no_energy_with_electricity(edition):
    item = an_item(edition, example(percent("energy", 10)))
    tonnes = estimate([item], own(electricity=100_000, fuel=50, fuel_unit="t"))
    megawatt_hours = estimate([item], own(electricity=100_000, fuel=50, fuel_unit="MWh"))

    assert [(each.of, each.why) for each in tonnes.gaps if each.of == "energy"] == [
        ("energy", "fuel-unit")
    ]
    assert spans(megawatt_hours)[-1] == ("energy", "reported", "range", 15_000, 15_000)
    assert megawatt_hours.results[-1].money is None


def test_what_the_reader_has_not_stated_is_named(edition):
    found = of_sample(edition, "clean-by-design-package", electricity=1_000)

    assert ("water", "not-stated") in [(each.of, each.why) for each in found.gaps]


def test_an_energy_bill_of_which_a_part_is_unknown_is_none(edition):
    figures = {"electricity": 1_000, "fuel": 1, "fuel_unit": "t", "currency": "HKD"}
    found = of_sample(edition, "energy-performance-contract", **figures, electricity_price=1)

    assert [(each.of, each.why) for each in found.gaps][-1] == ("energy-cost", "not-stated")


def test_nothing_saved_is_never_paid_back(edition):
    item = an_item(edition, example(percent("water", 0)))
    money = {"currency": "HKD", "water_price": 5, "investment": 10}
    [result] = estimate([item], own(water=100, **money)).results

    assert result.saved.high == 0
    assert result.payback_years is None


def test_next_to_nothing_saved_is_never_paid_back(edition):
    item = an_item(edition, example(percent("water", "0.1", 50)))
    money = {"currency": "HKD", "water_price": 1, "investment": 1_000}
    [result] = estimate([item], own(water=100, **money)).results

    assert (result.payback_years.low, result.payback_years.high) == (20, None)  # else 10,000


def test_what_is_held_to_the_limit_is_written_like_any_result(edition):
    item = an_item(edition, example(percent("energy", 100)))
    found = estimate([item], own(electricity=1, fuel=1, fuel_unit="GJ")).results

    assert found
    assert {str(each.saved.high) for each in found} == {"270"}  # of 278.77… kWh


# Of any figures.


@st.composite
def some_shares(draw):
    ends = sorted(draw(st.tuples(PERCENT, PERCENT)))
    changes = {
        "vendor_claim": draw(st.booleans()),
        "basis": draw(st.sampled_from(["printed", "planned", "expected", "derived"])),
    }
    low, high = draw(st.sampled_from([ends, (None, ends[1]), (ends[0], None)]))
    return figure("water", low, high, unit="%", **changes)


def figures_of(found):
    return [each.share.figure for result in found.results for each in result.entries]


@given(st.lists(some_shares(), min_size=1, max_size=6), NUMBERS)
def test_a_range_is_in_order_and_within_what_there_is(edition, figures, amount):
    found = estimate([an_item(edition, example(*figures))], OwnFigures(water=amount))

    assert sorted(map(repr, figures_of(found))) == sorted(map(repr, figures))  # each once
    for result in found.results:
        ends = [each for each in (result.saved.low, result.saved.high) if each is not None]
        assert ends == sorted(ends)
        assert all(0 <= each <= amount for each in ends)
        assert len({each.share.evidence for each in result.entries}) == 1
        stated = [getattr(e.share.figure, end) for e in result.entries for end in ("low", "high")]
        for end in ends:  # within half of the last of at least two digits
            exact = [Fraction(each) / 100 * Fraction(amount) for each in stated if each is not None]
            assert any(abs(Fraction(end) - each) <= each / 20 for each in exact)


@given(st.lists(some_shares(), min_size=1, max_size=6), NUMBERS)
def test_the_order_of_examples_changes_nothing(edition, figures, amount):
    there = estimate([an_item(edition, example(*figures))], OwnFigures(water=amount))
    back = estimate([an_item(edition, example(*reversed(figures)))], OwnFigures(water=amount))

    assert spans(there) == spans(back)


@given(st.fractions(0, 10**12), st.integers(2, 3))
def test_a_rounded_value_has_so_many_digits(value, digits):
    found = rounded(value, digits)

    assert len(found.normalize().as_tuple().digits) <= digits
    assert abs(Fraction(found) - value) <= value / (2 * 10 ** (digits - 1))


@pytest.mark.parametrize(
    ("values", "digits"),
    [((), 2), ((9,), 2), ((30,), 2), ((69.5,), 3), ((1.2345,), 3), ((400,), 2)],
)
def test_results_have_as_many_digits_as_their_source_and_two_at_least(values, digits):
    assert digits_of(*(Decimal(str(each)) for each in values)) == digits
