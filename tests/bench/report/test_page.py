from bench.report.formatting import markdown_table
from bench.report.page import PAGE, latest_results, render
from bench.report.tables import TABLES


def test_the_page_shows_the_last_results():
    page = PAGE.read_text()
    assert render(page, latest_results()) == page, "run `python -m bench.report.page`"


def test_the_page_has_a_placeholder_for_every_table():
    page = PAGE.read_text()
    assert [each for each in TABLES if f"<!-- table: {each} -->" not in page] == []


def test_text_around_a_table_is_not_changed():
    page = "before\n<!-- table: growth -->\nold\n<!-- end -->\nafter\n"
    assert render(page, None).startswith("before\n<!-- table: growth -->\nNot measured yet")
    assert render(page, None).endswith("\n<!-- end -->\nafter\n")


def test_figures_are_aligned_to_the_right():
    assert markdown_table(("a", "b"), [("x", "1")]) == "| a | b |\n| --- | ---: |\n| x | 1 |"
