"""An editor sees every item in a browser, and what is wrong with the others."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.content.contents import checked_edition
from cli.content.preview import write_preview
from cli.main import app
from tests.cli.content.editing import Editor, png

LANGUAGES = ("en", "tc", "sc")


@pytest.fixture
def output(tmp_path):
    return tmp_path / "preview"


@pytest.fixture
def page(editor: Editor, output: Path):
    """Render the folder, and return the text of one of its pages."""

    def rendered(path: str) -> str:
        write_preview(checked_edition(editor.root), output)
        return (output / path).read_text(encoding="utf-8")

    return rendered


class Links(HTMLParser):
    """Collects where a page leads, and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, _tag, attrs):
        self.found += [value for name, value in attrs if name in {"href", "src"}]
        self.ids += [value for name, value in attrs if name == "id"]


def test_every_link_of_every_page_leads_somewhere(editor, output, page):
    editor.show("news/start", "chart.png", png())
    editor.append("news/start/en.md", "[a](item:filter)\n")
    page("index.html")

    pages = sorted(output.rglob("*.html"))
    assert len(pages) == 1 + 7 * len(LANGUAGES)
    for each in pages:
        links = Links()
        links.feed(each.read_text(encoding="utf-8"))
        for link in links.found:
            if link.startswith("#"):
                assert link[1:] in links.ids
            elif not link.startswith("https://"):
                assert (each.parent / link).exists(), f"{each}: {link}"


def test_nothing_is_loaded_from_elsewhere_and_no_script_runs(editor, output, page):
    editor.write("news/start/en.md", editor.text("A & <b>", "`<script>` & \\<b> &lt;\n"))
    shown = page("en/news/start.html")

    assert "<h1>A &amp; &lt;b&gt;</h1>" in shown
    assert "<code>&lt;script&gt;</code> &amp; &lt;b&gt; &lt;" in shown
    for each in output.rglob("*.html"):
        assert "<script" not in each.read_text(encoding="utf-8")


def test_figures_are_shown_with_all_that_belongs_to_them(editor, page):
    editor.change(
        "technologies/filter/item.yml", "value: 30, unit", "at_most: 30, about: true, unit"
    )
    shown = re.sub("<[^>]+>", " ", page("tc/technologies/filter.html"))
    rows = {" ".join(each.split()) for each in shown.split("\n")}

    assert rows >= {
        "investment HK$300,000 printed A 2007 S26",
        "saving HK$100,000 a year printed A 2007 S26",
        "voc about up to 30 % printed A 2007 S26",
        "payback 3.0 years computed (investment / saving per year) A 2007 S26",
    }
    assert "http://www.example.org/2007-10-17 , 2007-10-17 (weak)" in shown


def test_a_fallback_is_shown_in_its_own_language_with_a_note(editor, page):
    editor.remove("news/start/sc.md")
    editor.append("news/start/item.yml", "fallback: {sc: tc}\n")

    assert "There is no sc yet" in page("sc/news/start.html")
    assert '<main lang="zh-HK">' in page("sc/news/start.html")
    assert "There is no" not in page("tc/news/start.html")


def test_a_line_of_chinese_ends_without_a_space(editor, page):
    editor.append("news/start/tc.md", "第二行\n第三行\n")
    editor.append("news/start/en.md", "Two\nthree\n")

    assert "第二行第三行" in page("tc/news/start.html")
    assert "Two\nthree" in page("en/news/start.html")


def test_items_with_a_mistake_are_named_and_the_others_shown(editor, output, page):
    editor.append("news/start/en.md", "<b>\n")
    index = page("index.html")

    assert "news/start/en.md:7: Must be Markdown without HTML." in index
    assert not (output / "en/news/start.html").exists()
    assert (output / "en/pages/about.html").exists()


def test_an_earlier_preview_is_replaced_and_anything_else_left_alone(editor, output):
    command = ["content", "preview", str(editor.root), "--output"]
    first = CliRunner().invoke(app, [*command, str(output)])
    editor.remove("news/start")
    second = CliRunner().invoke(app, [*command, str(output)])
    refused = CliRunner().invoke(app, [*command, str(editor.root)])

    assert f"Open {(output / 'index.html').as_uri()}" in first.stdout
    assert second.exit_code == 0
    assert not (output / "en/news/start.html").exists()
    assert refused.exit_code == 1
    assert "Must be a new or empty folder" in refused.stderr
    assert (editor.root / "pages/about/en.md").exists()
