"""The first edition of the site: valid, in three languages, with the figures of its sources."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from cli.content.contents import checked_edition, contents
from cli.content.folder.edition import Edition
from samples.generate import HERE
from services.portal.web.wording import WORDING
from shared.events.content import Figure, ItemPublished, ToolboxTechnology

FOLDER: Final = HERE / "content"
LANGUAGES: Final = {"en", "zh-Hant", "zh-Hans"}
# Both scripts are in its tables.
IN_SEVERAL_SCRIPTS: Final = {"glossary"}
# What an editor in Hong Kong would not write, and what one in the Mainland would not.
WORDS_OF_THE_OTHER_PLACE: Final = {
    "tc": ("回收期", "質量", "換熱器", "空壓機", "印染廠", "什麼", "軟件包", "計算機"),
    "sc": (
        "回本期", "甚么", "阁下", "透过", "热交换器", "空气压缩机", "公吨", "澳洲",
        "公帑", "获接纳", "届满", "简介会", "亦不",
    ),
}  # fmt: skip
# Of two forms that both are right, the one that the site does not use.
OTHER_FORMS: Final = {
    "tc": ("家具", "傢俬", "工作天", "吉焦(?!耳)", "工藝(?!人員)", "賣方聲稱", "宣稱"),
    "sc": ("挥发性有机化合物", "工艺(?!废水|水净化|人员)", "卖方声称", "宣称"),
}
# The figures as the sources print them, written down a second time on purpose.
PRINTED: Final = {
    "activated-carbon-filter": ["investment 300000 HKD", "voc 30 %", "voc ..90 %"],
    "process-hot-water-for-dormitories": ["investment 600000 HKD", "saving ..100000 HKD"],
    "energy-efficient-lighting": ["investment 400000 HKD", "saving 20000 HKD"],
    "central-ink-supply": ["waste 500000 pieces"],
    "overhaul-of-water-cooling-ventilation": ["saving 2450000 HKD", "payback ..1.5 years"],
    "kiln-gas-saving-retrofit": [
        "investment 2000000 RMB", "payback 0.5 years", "energy 7000.. tce",
    ],
    "energy-performance-contract": ["saving 5400000 RMB", "energy-cost 17 %"],
    "central-chiller": ["energy 10..30 %"],
    "clean-by-design-package": [
        "investment 17300000 USD", "saving 14730000 USD", "payback 14 months",
        "water 9 %", "energy 6 %", "electricity 4 %", "fuel 61000 t", "water 3000000 t",
    ],
    "injection-press-retrofit": [
        "electricity 40 %", "electricity 23.4 GWh", "energy 7700.. tce", "payback 1.. years",
    ],
    "pump-and-fan-upgrade": ["saving 375000 USD", "co2 5528 t"],
    "energy-management-system": ["saving 320000 RMB", "electricity 800000 kWh"],
    "co2-heat-pump-hot-water": ["saving 1100000 RMB", "payback 1 years", "energy-cost 84 %"],
    "electrolytic-metal-recovery": [
        "investment 67800 AUD", "saving 43190..50190 AUD", "payback 1.4..1.6 years",
    ],
    "waterborne-lacquer-infrared-drying": [
        "investment 330000 USD", "payback 3 years", "voc 80 to 1 t",
    ],
    "water-based-inks-solvent-distillation": [
        "investment 16000 USD", "saving 57800 USD", "payback 5 months", "waste 80 %",
    ],
    "paint-wash-water-reuse": [
        "investment 5915 AUD", "saving 28200 AUD", "payback 3 months", "reused 60.. %",
    ],
    "membrane-treatment-of-coating-wash-water": [
        "saving 205000 USD", "payback 2 years", "waste 400000 to 80000 gal",
    ],
    "split-dye-effluent": [
        "investment 173772 EUR", "saving 173772 EUR", "payback 1 years",
        "water 90000 m3", "heat 3400 Gcal",
    ],
    "smaller-shower-nozzles": ["saving 93000.. USD", "payback 4 weeks", "water 31000000 gal"],
    "paper-machine-vacuum-optimisation": [
        "investment negligible USD", "saving 400000 USD", "electricity 3.5 MW",
    ],
    "white-water-recovery": ["saving 139119..420215 USD"],
    "lower-refrigeration-pressure": [
        "investment 12000 USD", "saving 39022 USD", "payback 3 months",
    ],
    "refrigeration-condenser-heat-recovery": [
        "investment 2000 USD", "saving 10974 USD", "payback 2 months",
    ],
    "strip-doors-and-air-curtains": ["investment 1200 USD", "saving 9385 USD", "payback 1 months"],
    "air-compressor-heat-recovery": [
        "investment 3000 USD", "saving 3929 USD", "payback 5 months",
        "payback 14 months", "recovered 1930500 kWh", "fuel 18 %",
    ],
    "kiln-cooling-air-recovery": ["payback 0.12 years", "fuel ..33 %", "fuel 25..29 %"],
    "glaze-overspray-recovery": ["material 1.8 t", "water 9000 L"],
    "all-electric-injection-press": ["return 31 %", "electricity 0.278 to 0.073 kWh/lb"],
    "servo-drive-injection-moulding": ["energy 30..50 %"],
    "barrel-insulation": ["electricity 20..40 %"],
    "pasteuriser-water-recycling": ["saving 29000 AUD", "water 46000 to 14000 kL"],
    "bottle-rinse-recirculation": ["saving 400000 AUD", "water 200 ML"],
    "closed-cooling-loop": ["investment 4000000 USD", "payback ..2.5 years", "reused 2000000 gal"],
    "electrodeposition-primer": ["investment 500000 USD"],
    "two-stage-reverse-osmosis": [
        "investment 2450000 AUD", "grant 550000 AUD", "water 55 %", "co2 10 %",
    ],
    "regenerative-thermal-oxidiser": ["destroyed 99.. %", "recovered 95 %"],
}  # fmt: skip
# What a factory asks: its process, what it wants to save, and the technologies of the answer.
QUESTIONS: Final = {
    ("printing", "voc"): {
        "activated-carbon-filter",
        "water-based-inks-solvent-distillation",
        "regenerative-thermal-oxidiser",
    },
    ("dyeing-and-finishing", "water"): {"clean-by-design-package", "split-dye-effluent"},
    ("injection-moulding", "energy"): {
        "injection-press-retrofit",
        "servo-drive-injection-moulding",
        "all-electric-injection-press",
        "barrel-insulation",
    },
}


@cache
def edition() -> Edition:
    """Return the folder as it is read."""
    return checked_edition(FOLDER)


@cache
def items() -> dict[str, ItemPublished]:
    """Return what the edition publishes, by id."""
    return {each.item_id: each for each in contents(edition())[1]}


def technologies() -> dict[str, ToolboxTechnology]:
    """Return the technologies, by id."""
    return {name: each.technology for name, each in items().items() if each.technology}


def texts(name: str) -> Iterator[Path]:
    """Yield the files of a language."""
    return (each for each in FOLDER.rglob(name) if each.parent.name not in IN_SEVERAL_SCRIPTS)


def as_printed(figure: Figure) -> str:
    """Write a figure as `PRINTED` has it."""
    low, high = (None if each is None else f"{each:f}" for each in (figure.low, figure.high))
    value = low if low == high else f"{low or ''}..{high or ''}"
    if figure.before is not None and figure.after is not None:
        value = f"{figure.before:f} to {figure.after:f}"
    value = "negligible" if figure.negligible else value
    return f"{figure.of} {value} {figure.currency or figure.unit}"


def found(process: str, saves: str) -> dict[str, ToolboxTechnology]:
    """Return the technologies that a choice in the Toolbox leads to."""
    every = technologies().items()
    return {name: each for name, each in every if process in each.processes and saves in each.saves}


def investments(technology: ToolboxTechnology, currency: str) -> list[Figure]:
    """Return what its examples cost, in a currency."""
    figures = [each for example in technology.examples for each in example.figures]
    return [each for each in figures if each.of == "investment" and each.currency == currency]


def test_every_item_is_written_in_three_languages() -> None:
    assert {name for name, each in items().items() if each.words.keys() != LANGUAGES} == set()


def test_every_language_cites_the_same_sources_and_leads_to_the_same_pages() -> None:
    for item in edition().items:
        said = {
            code: sorted(each.target for each in (*text.markdown.citations, *text.markdown.links))
            for code, text in item.texts.items()
        }
        assert said["tc"] == said["sc"] == said["en"], item.id


@pytest.mark.parametrize(("name", "script"), [("tc.md", "big5hkscs"), ("sc.md", "gb2312")])
def test_each_language_is_in_its_own_script(name: str, script: str) -> None:
    """The older character sets of the two places have one script each."""
    for path in texts(name):
        text = path.read_text()
        assert text == text.encode(script, errors="ignore").decode(script), path


@pytest.mark.parametrize("code", WORDS_OF_THE_OTHER_PLACE)
def test_each_language_has_the_words_of_its_place_in_one_form(code: str) -> None:
    every = {str(path): path.read_text() for path in texts(f"{code}.md")} | WORDING[code]
    wrong = re.compile("|".join((*WORDS_OF_THE_OTHER_PLACE[code], *OTHER_FORMS[code])))

    assert {name: wrong.findall(text) for name, text in every.items() if wrong.search(text)} == {}


def test_every_technology_has_the_figures_of_its_sources_and_no_other() -> None:
    printed = {
        name: [
            as_printed(figure)
            for example in each.examples
            for figure in example.figures
            if figure.basis not in {"derived", "computed"}
        ]
        for name, each in technologies().items()
    }

    assert printed == PRINTED


def test_a_case_says_of_its_technologies_what_they_say() -> None:
    """Both are typed, so they must not come apart."""
    for name, item in items().items():
        if item.case and item.case.technologies:
            known = {
                (as_printed(figure), figure.source, figure.year, figure.basis)
                for each in item.case.technologies
                for example in technologies()[each].examples
                for figure in example.figures
            }
            said = {
                (as_printed(figure), figure.source, figure.year, figure.basis)
                for example in item.case.examples
                for figure in example.figures
            }
            assert said <= known, name


@pytest.mark.parametrize(("choice", "answer"), QUESTIONS.items())
def test_three_questions_of_factories_are_answered(
    choice: tuple[str, str], answer: set[str]
) -> None:
    assert found(*choice).keys() == answer


def test_a_printer_finds_what_cuts_voc_for_less_than_half_a_million() -> None:
    """Money is not converted, so an investment in another currency is shown and not compared."""
    affordable = {
        name
        for name, each in found("printing", "voc").items()
        if any(cost.high and cost.high < 500_000 for cost in investments(each, "HKD"))
    }

    assert affordable == {"activated-carbon-filter"}


def test_only_the_programme_and_its_pilot_are_class_a() -> None:
    class_a = {
        figure.source
        for item in items().values()
        for part in (item.technology, item.case)
        for example in (part.examples if part else ())
        for figure in example.figures
        if figure.origin == "A"
    }

    assert class_a == {"S21", "S26"}
