"""Labels by year and category: on record, and as published (domain rules, section 9.5)."""

from collections import Counter

import pytest

from services.recognition.rules.statistics import published_results, table

EXCELLENT, PARTNER = "excellent-partner-manufacturing", "partner-manufacturing"
SOURCING, PROVIDERS = "partner-supply-chain", "partner-technology-service"


def four(excellent, partner, sourcing, providers):
    return {
        EXCELLENT: excellent,
        PARTNER: partner,
        SOURCING: sourcing,
        PROVIDERS: providers,
    }


@pytest.mark.parametrize(
    ("year", "number", "split", "total", "basis"),
    [
        (2009, 1, {}, None, ("not-found", None)),
        (2010, 2, {SOURCING: 4, PROVIDERS: 20, "both": 91}, 115, ("awarded", "S32")),
        (2011, 3, {SOURCING: 6, PROVIDERS: 20, "both": 113}, 139, ("awarded", "S17")),
        (2012, 4, {SOURCING: 3, PROVIDERS: 24, "both": 109}, 136, ("awarded", "S21")),
        (2013, 5, {}, None, ("not-found", None)),
        (2014, 6, {}, 100, ("at-least", "S19")),
        (
            2015,
            7,
            four(73, 74, 3, 13),
            163,
            ("awarded", "S27"),
        ),
        (
            2016,
            8,
            four(69, 61, 2, 16),
            148,
            ("awarded", "S39"),
        ),
        (
            2017,
            9,
            four(87, 79, 2, 16),
            184,
            ("awarded", "S41"),
        ),
        (
            2018,
            10,
            four(50, 75, 2, 26),
            153,
            ("awarded", "S2"),
        ),
        (
            2019,
            11,
            four(36, 116, 3, 25),
            180,
            ("proposed", "S22"),
        ),
        (2020, 12, {}, None, ("not-found", None)),
        (2021, 13, {}, None, ("not-found", None)),
        (
            2022,
            14,
            four(36, 105, 1, 13),
            155,
            ("awarded", "S30"),
        ),
        (
            2023,
            15,
            four(31, 170, 3, 13),
            217,
            ("applications", "S23"),
        ),
        (
            2024,
            16,
            four(42, 149, 3, 21),
            215,
            ("awarded", "S31"),
        ),
    ],
)
def test_the_published_figures_of_a_round_are_those_of_its_source(
    year, number, split, total, basis
):
    [found] = [each for each in published_results() if each.year == year]

    both = {"both": found.manufacturing} if found.manufacturing else {}
    assert found.labels | both == split
    assert (found.round, found.total) == (number, total)
    assert (found.stands_for, found.source) == basis
    if split:
        assert sum(split.values()) == total


def test_2018_adds_up_as_the_release_says():  # R9
    [found] = [each for each in published_results() if each.year == 2018]

    assert 50 + 75 + 2 + 26 == found.total == 153


def test_stored_labels_are_shown_beside_published_figures():
    rows = {
        each.year: each
        for each in table(Counter({(2018, EXCELLENT): 2, (2018, PARTNER): 1, (2026, SOURCING): 4}))
    }

    assert (rows[2018].on_record[EXCELLENT], rows[2018].on_record_total) == (2, 3)
    assert rows[2018].published.total == 153
    assert (rows[2026].on_record_total, rows[2026].published) == (4, None)
    assert list(rows) == sorted(rows)


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (
            'stands_for = "awarded"\ntotal = 5\nsource = "S2"\nmanufacturing = 4',
            "to 5, not to 4",
        ),
        ('stands_for = "awarded"', "Must have either a total"),
        ('stands_for = "not-found"\ntotal = 5\nsource = "S2"', "Must have either a total"),
        ('stands_for = "awarded"\ntotal = 5', "Must have a source"),
    ],
)
def test_figures_that_do_not_add_up_are_refused(tmp_path, entry, complaint):
    file = tmp_path / "results.toml"
    file.write_text(f"[[rounds]]\nyear = 2018\nround = 10\n{entry}\n", encoding="utf-8")

    with pytest.raises(ValueError, match=complaint):
        published_results(file)
