from bench.report.page import PAGE, filled, latest
from bench.report.tables import TABLES, markdown


def test_the_page_shows_the_last_results():
    page = PAGE.read_text()
    assert filled(page, latest()) == page, "run `python -m bench.report.page`"


def test_the_page_has_a_place_for_every_table():
    page = PAGE.read_text()
    assert [each for each in TABLES if f"<!-- table: {each} -->" not in page] == []


def test_text_around_a_table_stays():
    page = "before\n<!-- table: growth -->\nold\n<!-- end -->\nafter\n"
    assert filled(page, None).startswith("before\n<!-- table: growth -->\nNot measured yet")
    assert filled(page, None).endswith("\n<!-- end -->\nafter\n")


def test_figures_stand_to_the_right():
    assert markdown(("a", "b"), [("x", "1")]) == "| a | b |\n| --- | ---: |\n| x | 1 |"
