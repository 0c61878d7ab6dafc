"""Figures in words: as exact as the source, with unit, period and currency."""

from decimal import Decimal

import pytest

from services.portal.web.figures import value_of, year_of
from services.portal.web.languages import ENGLISH, SIMPLIFIED, TRADITIONAL
from services.portal.web.page import Page
from shared.events.content import Figure


def a_figure(**changes):
    numbers = {k: Decimal(v) for k, v in changes.items() if k in {"low", "high", "before", "after"}}
    fields = {"of": "saving", "year": 2007, "origin": "A", "vendor_claim": False, "source": "S26"}
    return Figure.model_validate({**fields, "basis": "printed", **changes, **numbers})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"low": "300000", "high": "300000", "currency": "HKD", "per": "once"},
            ("HK$300,000", "300,000港元", "300,000港元"),
        ),
        (
            {"high": "100000", "currency": "RMB", "per": "year"},
            ("up to RMB 100,000 a year", "每年最多人民幣100,000元", "每年最多人民币100,000元"),
        ),
        (
            {"low": "7000", "unit": "tce", "per": "year"},
            (
                "at least 7,000 t of coal equivalent a year",
                "每年至少7,000公噸標準煤",
                "每年至少7,000吨标准煤",
            ),
        ),
        ({"low": "10", "high": "30", "unit": "%"}, ("10% to 30%", "10%至30%", "10%至30%")),
        ({"low": "1", "high": "1", "unit": "years"}, ("1 year", "1年", "1年")),
        (
            {"low": "1.5", "high": "1.5", "unit": "years", "about": True},
            ("about 1.5 years", "約1.5年", "约1.5年"),
        ),
        (
            {"before": "80", "after": "1", "unit": "t", "per": "not-stated"},
            (
                "from 80 t to 1 t (period not stated)",
                "由80公噸減至1公噸（來源沒有說明期間）",  # noqa: RUF001
                "由80吨降至1吨（来源未说明期间）",  # noqa: RUF001
            ),
        ),
        (
            {"of": "presses", "low": "200", "high": "200", "unit": "pieces", "about": True},
            ("about 200", "約200", "约200"),
        ),
        ({"of": "waste", "low": "2", "high": "2", "unit": "pieces"}, ("2 pieces", "2件", "2件")),
        ({"negligible": True}, ("negligible", "極少", "极少")),
        ({"low": "2", "high": "2", "unit": "new-unit"}, ("2 new-unit",) * 3),
    ],
)
def test_a_figure_is_written_as_its_source_gives_it(fields, words):
    figure = a_figure(**fields)
    pages = [Page(each, "") for each in (ENGLISH, TRADITIONAL, SIMPLIFIED)]

    assert tuple(value_of(figure, each) for each in pages) == words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "2007"),
        ({"year": None}, "not stated"),
        ({"year_is_of_source": True}, "2007 (year of the source)"),
    ],
)
def test_the_year_says_whose_it_is(fields, words):
    assert year_of(a_figure(**fields), Page(ENGLISH, "")) == words
