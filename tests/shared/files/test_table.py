"""Rows of CSV as spreadsheets save them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.files.form import UnusableFileError
from shared.files.table import Columns, Row, read_rows

COLUMNS = Columns(("name", "city", "cost"), ("name",))


def rows(text: str) -> list[Row]:
    return list(read_rows(text.splitlines(keepends=True), COLUMNS))


def refusal(text: str) -> str:
    with pytest.raises(UnusableFileError) as raised:
        rows(text)
    return str(raised.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_commas_semicolons_and_tabs_delimit_cells(delimiter, end):
    text = end.join(["name,city", 'A,"B, b; c"']).replace("A,", "A\0").replace("name,", "name\0")

    assert rows(text.replace("\0", delimiter)) == [Row(2, {"name": "A", "city": "B, b; c"}, [])]


@pytest.mark.parametrize("stated", ["sep=;\r\n", "\ufeffsep=;\r\n"])
def test_a_line_that_states_the_delimiter_is_no_row(stated):
    assert rows(f"{stated}name;city\r\nA;B\r\n") == [Row(3, {"name": "A", "city": "B"}, [])]


def test_padding_is_trimmed_from_names_and_cells():
    found = rows('\ufeff name ,\tcity\u3000\n  A\xa0,  "B "\n')

    assert found == [Row(2, {"name": "A", "city": "B"}, [])]


def test_a_line_break_in_a_cell_is_no_padding():
    assert rows('name\n"A\n"\n"\r\n B"\n') == [
        Row(2, {"name": "A\n"}, []),
        Row(4, {"name": "\r\n B"}, []),
    ]


def test_rows_without_content_are_passed_over_and_counted():
    assert [each.number for each in rows("\n,,\nname,city\n\n , \n,,,\nA\n\nB,C\n;;\n,\n")[:2]] == [
        7,
        9,
    ]


def test_empty_cells_beyond_the_columns_are_passed_over_and_others_are_surplus():
    text = "name,city,,\nA,B,,,,,\nA,B,,x\nA,B,,,,,y\nA\n"

    assert rows(text) == [
        Row(2, {"name": "A", "city": "B"}, []),
        Row(3, {"name": "A", "city": "B"}, ["x"]),
        Row(4, {"name": "A", "city": "B"}, ["y"]),
        Row(5, {"name": "A"}, []),
    ]


def test_a_row_has_the_number_of_its_first_line():
    assert [each.number for each in rows('name\n"A\nB\n"\nC\n')] == [2, 5]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('name,city\nA,B\nA,"B\nC,D\nE,F\n', 3),
        ('name,city\nA,"B\nC,"D"\nE,F\n', 2),
        ('name,city\nA,B\n"A,B\n"C","D"\n', 3),
        ('name,city\n"A\nB",C\n"D\n\nE","F\nG,H\n', 6),
        ('name,"city\nA,B\n', 1),
        ('name\tcity\n"A ""B"" \tC\nD\tE\n', 2),
        ('name;city\nA;"B" b\nC;D\n', 2),
        ('\n\nname,city\nA,"' + "B,C\nD,E\n" * 30_000, 4),
    ],
)
def test_an_unclosed_quotation_mark_is_told_at_its_own_line(text, line):
    assert refusal(text).startswith(f"line {line}: this is not CSV: a quotation mark opens here")


def test_a_cell_beyond_all_measure_is_no_quotation_mark():
    assert "line 2: this is not CSV: field larger" in refusal("name\n" + "A" * 140_000)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: no column 'name'"),
        ("\n\n", "line 2: no column 'name'"),
        ("city\n", "line 1: no column 'name'"),
        ("name|city\n", "line 1: unknown column 'name|city'; no column 'name'"),
        ("name,prize,city,city\n", "unknown column 'prize'; column 'city' is given more than once"),
    ],
)
def test_a_first_line_that_does_not_name_the_columns_is_told(text, told):
    assert told in refusal(text)
    assert refusal(text).endswith("Must name columns out of: name, city, cost")


@given(st.text(alphabet='a,";\n\r \t'))
def test_whatever_comes_is_read_or_told_with_its_line(text):
    try:
        found = rows(f"name,city\n{text}")
    except UnusableFileError as error:
        number = int(str(error).removeprefix("line ").partition(":")[0])
        assert 1 < number <= len(text.splitlines()) + 2
    else:
        assert all(each.cells or each.surplus for each in found)
