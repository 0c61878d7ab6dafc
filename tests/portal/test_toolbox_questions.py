"""Three questions that factories ask: the Toolbox's answers, with their figures and sources."""

from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from services.portal.toolbox.matching import Choice, match
from services.portal.web.wording import WORDING

CODES = ("en", "tc", "sc")


@dataclass(frozen=True)
class Question:
    """A choice, and what fits: technologies with what must be said of them and their source.

    `unknown` fit but for a figure that no source states; `own` are figures of a factory, and
    `could_be` what the estimate says of them, with the kind of evidence.
    """

    choice: dict
    answers: dict
    unknown: tuple
    own: dict
    could_be: tuple


VOC_IN_PRINTING = Question(
    {"industry": "printing-and-publishing", "saves": "voc", "investment": "to-500k"},
    {
        "activated-carbon-filter": ("S26", "300,000", "30%", "90%"),
        "water-based-inks-solvent-distillation": ("S53", "16,000", "57,800", "80%"),
    },
    ("regenerative-thermal-oxidiser",),  # S71 gives no price
    {"voc": 10_000},
    (("reported", "3,000"), ("expected", "9,000")),
)
WATER_IN_DYEING = Question(
    {"process": "dyeing-and-finishing", "saves": "water"},
    {
        "clean-by-design-package": ("S45", "9%", "17,300,000"),
        "split-dye-effluent": ("S56", "90,000", "173,772"),
    },
    (),
    {"water": 200_000},
    (("reported", "18,000"),),  # 9 %; the 90,000 m3 are not scaled
)
ENERGY_IN_MOULDING = Question(
    {"process": "injection-moulding", "saves": "energy"},
    {
        "injection-press-retrofit": ("S47", "40%", "23.4"),
        "all-electric-injection-press": ("S64", "74%", "0.278"),
        "servo-drive-injection-moulding": ("S65", "30%", "50%"),
        "barrel-insulation": ("S66", "20%", "40%"),
    },
    (),
    {"electricity": 2_000_000},
    (("reported", "800,000"), ("reported", "1,500,000"), ("claimed", "600,000")),
)
QUESTIONS = pytest.mark.parametrize(
    "question",
    [VOC_IN_PRINTING, WATER_IN_DYEING, ENERGY_IN_MOULDING],
    ids=["VOC in printing under HK$500,000", "water in dyeing", "energy in injection moulding"],
)


@QUESTIONS
def test_these_technologies_fit_and_no_others(edition, question):
    found = match(edition.by_kind["technology"], Choice(**question.choice))

    assert {each.item_id for each in found.fitting} == set(question.answers)
    assert {each.item_id for each in found.unknown} == set(question.unknown)


@QUESTIONS
@pytest.mark.parametrize("code", CODES)
async def test_the_answer_has_the_figures_with_their_sources(browser, edition, question, code):
    text = (await browser.get(f"/{code}/toolbox?{urlencode(question.choice)}")).text

    for item_id, (source, *figures) in question.answers.items():
        address = f"/{code}/technologies/{item_id}"
        entry = text.partition(f'<a class="govuk-link" href="{address}">')[2].partition("</li>")[0]
        assert f'href="{address}#{source}"' in entry
        assert all(each in entry for each in figures), (item_id, figures)
        cited = {each.id: each for each in edition.by_id[item_id].sources}
        assert cited[source].address.startswith("http")
    if question.unknown:
        assert WORDING[code]["toolbox.unknown-text"] in text


@QUESTIONS
@pytest.mark.parametrize("code", CODES)
async def test_the_answers_stand_side_by_side(browser, question, code):
    query = urlencode([("item", each) for each in question.answers])
    response = await browser.get(f"/{code}/toolbox/compare?{query}")

    assert response.status_code == 200
    for item_id, (source, *figures) in question.answers.items():
        assert f'href="/{code}/technologies/{item_id}#{source}"' in response.text
        assert all(each in response.text for each in figures)


@QUESTIONS
@pytest.mark.parametrize("code", CODES)
async def test_the_estimate_says_what_it_rests_on(browser, question, code):
    choice = {k: v for k, v in question.choice.items() if k != "investment"}
    response = await browser.get(f"/{code}/toolbox/estimate?{urlencode(choice | question.own)}")

    assert response.status_code == 200
    for evidence, figure in question.could_be:
        assert WORDING[code][f"evidence.{evidence}"] in response.text
        assert figure in response.text
