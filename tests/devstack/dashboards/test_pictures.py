"""What a picture of a dashboard shows, before it is photographed."""

import json
import re

import pytest

from devstack.dashboards.__main__ import FOLDER
from devstack.dashboards.asking import Series, Window
from devstack.dashboards.pictures.chromium import photograph
from devstack.dashboards.pictures.drawing import COLORS, Frame, lines, stack
from devstack.dashboards.pictures.page import Shown
from devstack.dashboards.pictures.units import written
from devstack.errors import StackError

WINDOW = Window(0, 900)
FRAME = Frame(400, 200, "s", WINDOW, levels=[(10, "orange"), (1000, "red")])
FILES = {path.stem: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}


class Answering:
    """A Prometheus that answers every query with two series, or with nothing."""

    def __init__(self, values=(0.0, 1.0)):
        self._values = values

    def answers(self, target, window):
        legend = target.get("legendFormat", "")
        times = [window.start + window.step * number for number in range(100)]
        return [
            Series(f"{legend} {value}", {"severity": "page"}, tuple((at, value) for at in times))
            for value in self._values
        ]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "short", "0"),
        (0.1234, "short", "0.123"),
        (1234.5, "short", "1.23 K"),
        (3_200_000, "short", "3.2 Mil"),
        (0.0004, "s", "400 µs"),
        (0.25, "s", "250 ms"),
        (90, "s", "1.5 min"),
        (7200, "s", "2 hours"),
        (0.5, "percentunit", "50 %"),
        (2**20, "bytes", "1 MiB"),
        (12, "reqps", "12 req/s"),
    ],
)
def test_a_number_has_the_unit_of_its_panel(value, unit, text):
    assert written(value, unit) == text


def test_a_line_breaks_where_there_were_no_answers():
    gap = Series("a", {}, tuple((at, 5.0) for at in (0, 5, 10, 500, 505)))

    assert strokes(lines([gap], FRAME)).count(COLORS[0]) == 2


def test_a_level_is_drawn_only_where_the_values_come_near():
    high = Series("a", {}, ((0, 5.0), (5, 50.0)))

    assert {"orange"} == {*strokes(lines([high], FRAME))} & {"orange", "red"}


def test_series_of_a_stack_are_added_up():
    drawn = stack([Series(each, {}, ((0, 3.0), (5, 3.0))) for each in "ab"], FRAME)

    assert "8 s" in drawn
    assert {*COLORS[:2]} <= {*strokes(drawn)}


def strokes(svg):
    return re.findall(r'<path stroke="([^"]+)"', svg)


@pytest.mark.parametrize("name", FILES)
def test_every_panel_is_part_of_the_page(name):
    page = Shown(FILES[name], Answering(), WINDOW).page()

    assert len(re.findall("<section", page)) == len(FILES[name]["panels"])
    assert not re.search(r'class="nothing"', page)


def test_a_panel_without_an_answer_says_so():
    page = Shown(FILES["cppp-overview"], Answering(()), WINDOW).page()

    assert "Prometheus evaluates no rules" in page


def test_without_chromium_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StackError, match="chromium must be installed"):
        photograph("<p>", tmp_path / "picture.png", (100, 100))
