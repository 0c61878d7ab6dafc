"""Values are read as people type them, and nothing is guessed."""

import pytest

from services.portal.self_check import typed
from services.portal.self_check.typed import TypedError


def wide(text):
    """Return a text as a Chinese keyboard may type it, with full-width characters."""
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1600000", 160_000_000),
        (" 1,600,000 ", 160_000_000),
        (wide("1,600,000"), 160_000_000),
        ("1 600 000", 160_000_000),
        ("HK$1,600,000.50", 160_000_050),
        (wide("HK$ 80.5"), 8_050),
        ("80000元", 8_000_000),
        ("80,000港元", 8_000_000),
        ("1,000,000,000", 100_000_000_000),
    ],
)
def test_an_amount(text, cents):
    assert typed.money(text) == cents


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("160萬", "money-units"),
        ("160 万元", "money-units"),
        ("1.6 million", "money-units"),
        ("1.6m", "money-units"),
        ("1,60", "money"),
        ("1.600.000", "money"),
        ("-5", "money"),
        ("RMB 500", "money"),
        ("about 500", "money"),
        ("0", "money-range"),
        ("1,000,000,000.01", "money-range"),
        ("9" * 200, "money-range"),
    ],
)
def test_an_amount_that_could_mean_something_else_is_not_read(text, code):
    with pytest.raises(TypedError, match=f"^{code}$"):
        typed.money(text)


@pytest.mark.parametrize(
    "text",
    [
        "2027-08-31",
        "2027/8/31",
        "2027.8.31",
        wide("2027年8月31日"),
        "2027年8月31號",
        "31/8/2027",
        "31-08-2027",
        "31 August 2027",
        "31 Aug 2027",
    ],
)
def test_a_day(text):
    assert typed.day(text) == "2027-08-31"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2027-02-30", "day"),
        ("8/31/2027", "day"),
        ("31/8/27", "day"),
        ("tomorrow", "day"),
        ("31 Ma 2027", "day"),
        ("2007-12-31", "day-range"),
        ("2100-01-01", "day-range"),
        ("0000-00-00", "day"),
    ],
)
def test_a_day_that_is_none_is_not_read(text, code):
    with pytest.raises(TypedError, match=f"^{code}$"):
        typed.day(text)


@pytest.mark.parametrize(
    ("text", "share"), [("50", "50"), (wide("50.01%"), "50.01"), ("30 %", "30")]
)
def test_a_share(text, share):
    assert typed.percent(text) == share


@pytest.mark.parametrize("text", ["101", "-1", "50.00001", "half"])
def test_a_share_that_is_none_is_not_read(text):
    with pytest.raises(TypedError, match=r"^percent$"):
        typed.percent(text)


def test_a_number_of_a_factory_is_read_in_any_case_with_spaces():
    assert typed.factory_number(wide("91441900 pdy00001xe")) == "91441900PDY00001XE"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1234567", "number"),
        ("1-2-3-4-5-6-7", "number"),
        ("東莞工廠12345678", "number"),
        ("914419000000000000", "number-shortened"),
    ],
)
def test_a_number_of_a_factory_that_cannot_be_one_is_not_read(text, code):
    with pytest.raises(TypedError, match=f"^{code}$"):
        typed.factory_number(text)


def test_a_number_of_quotations():
    assert typed.whole(wide("5")) == 5
    with pytest.raises(TypedError):
        typed.whole("101")


def test_a_name_has_something_visible():
    assert typed.line(wide("Low-VOC ink")) == "Low-VOC ink"
    with pytest.raises(TypedError):
        typed.line("\u200b")
