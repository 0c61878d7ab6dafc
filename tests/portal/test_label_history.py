"""The history of the Recognition Scheme: figures of the sources beside those of the platform."""

import pytest
import yaml

from samples.generate import HERE
from services.portal.labels.history import FIGURES, PUBLISHED, SOURCES, history
from services.portal.pages.label_history import plot_of, total_of
from services.portal.rules import fact_of
from services.portal.site.edition import Facts
from services.portal.site.labels import Register
from services.portal.web.languages import ENGLISH, LANGUAGES
from services.portal.web.page import Page
from services.portal.web.wording import WORDING
from services.recognition.rules.statistics import published_results
from tests.factories import NOW, an_event, label_awarded

ID = "7a1f0c52-6a8d-8b0f-9a51-0f4c2d9be730"
LABELS = [
    label_awarded(ID, certificate_number=f"N{number}", category=category, round_year=year)
    for number, (category, year) in enumerate(
        [
            ("partner-manufacturing", 2024),
            ("partner-supply-chain", 2026),
            ("partner-manufacturing", 2026),
            ("partner-manufacturing", 2026),
        ]
    )
]


def register_of(*labels):
    known = Facts()
    known.add(fact_of(an_event(each)) for each in labels)
    return known.edition().labels


def figures_of(year, *labels):
    return [each for each in history(register_of(*labels)) if each.year == year]


def test_the_published_figures_are_those_that_recognition_has():
    def plain(each):
        both = {"manufacturing": each.manufacturing} if each.manufacturing else {}
        return each.year, each.stands_for, each.total, each.source or "", both | dict(each.labels)

    assert [(e.year, e.stands_for, e.total, e.source, dict(e.labels)) for e in PUBLISHED] == [
        plain(each) for each in published_results()
    ]


def test_the_sources_are_those_of_the_content():
    listed = yaml.safe_load((HERE / "content" / "sources.yml").read_text(encoding="utf-8"))

    assert {each.source for each in PUBLISHED} - {""} == {each.mark for each in SOURCES}
    for each in SOURCES:
        source = listed[each.mark]
        assert (each.title, each.address) == (source["title"], source["address"])
        assert each.published == str(source.get("published", ""))
        assert each.weak == source.get("weak", False)


def test_known_categories_add_up_to_the_total():
    for each in PUBLISHED:
        assert set(each.labels) <= set(FIGURES)
        assert not each.labels or sum(each.labels.values()) == each.total


def test_labels_of_the_platform_are_beside_the_published_ones():
    published, here = figures_of(2024, *LABELS)
    (alone,) = figures_of(2026, *LABELS)

    assert (published.stands_for, published.total, published.source) == ("awarded", 215, "S31")
    assert (here.stands_for, here.total, here.source) == ("platform", 1, "")
    assert [alone.of(each) for each in FIGURES] == [0, 2, None, 1, 0]
    assert history(Register()) == sorted(PUBLISHED, key=lambda each: each.year)


@pytest.mark.parametrize(
    ("year", "words", "has_bar"),
    [
        (2009, "not known", False),
        (2014, "more than 100", False),
        (2018, "153", True),
        (2019, "180 proposed", False),
        (2023, "217 applications", False),
        (2026, "3", True),
    ],
)
def test_only_results_have_a_bar_and_every_figure_says_what_it_is(year, words, has_bar):
    page = Page(ENGLISH, "")
    (figures,) = figures_of(year, *LABELS)
    (row,) = plot_of([figures], page).rows

    assert total_of(figures, page) == row.text == words
    assert bool(row.lanes) == has_bar


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.code)
async def test_the_page_has_every_round_with_its_source(browser, site, edition, language):
    site.edition = edition
    text = (await browser.get(f"/{language.code}/recognition/history")).text
    words = WORDING[language.code]

    for each in PUBLISHED:
        assert words["history.year"].format(year=each.year) in text
    for each in SOURCES:
        assert f'href="#{each.mark}"' in text
        assert f'id="{each.mark}"' in text
    assert words["history.year-here"].format(year=2026) in text
    assert words["history.awarded-here"].format(number=3) in text
    assert words["history.valid-here"].split("{")[0] in text


async def test_an_old_site_does_not_count_what_is_valid(browser, site):
    site.read_until = NOW.replace(year=2025)
    text = (await browser.get("/en/recognition/history")).text

    assert "Labels awarded on this platform: 3." in text
    assert "Valid on" not in text
