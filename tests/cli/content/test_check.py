"""Every mistake of a folder is named with its file, its line, its field, and what to do."""

import shutil
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli.content.contents import checked_edition
from cli.content.link_check import dead_links
from cli.main import app
from tests.cli.content.editing import Editor, chunk, png

FIGURES = "technologies/filter/item.yml"
TEXT = "news/start/en.md"
MISTAKES = {
    # files
    "an unknown folder": (lambda e: e.write("blog/x/item.yml", ""), "blog: Must be sources.yml or"),
    "a file beside items": (lambda e: e.write("news/x.md", ""), "news/x.md: Must be in a folder"),
    "another file": (
        lambda e: e.write("news/start/notes.txt", ""),
        "news/start/notes.txt: Must be item.yml, en.md",
    ),
    "SVG": (lambda e: e.write("news/start/a.svg", "<svg/>"), "news/start/a.svg: Must be item.yml"),
    "an id with capitals": (lambda e: e.add("news/Start", like="news/start"), "news/Start: Must h"),
    "an id that is too long": (
        lambda e: e.add(f"news/{'a' * 65}", like="news/start"),
        f"news/{'a' * 65}: Must have a name of at most 64",
    ),
    "an id twice": (
        lambda e: e.add("news/about", like="news/start"),
        "pages/about: Must have a name of its own: news/about is there, too.",
    ),
    "no facts": (lambda e: e.remove("news/start/item.yml"), "news/start/item.yml: Must be there"),
    "no UTF-8": (lambda e: e.write(TEXT, b"---\ntitle: \xff\n---\n"), f"{TEXT}: Must be a text in"),
    "a zero byte": (lambda e: e.append(TEXT, "\0"), f"{TEXT}: Must be a text in UTF-8"),
    # facts
    "an unknown field": (
        lambda e: e.append("news/start/item.yml", "foo: 1\n"),
        "news/start/item.yml:2: foo: Must not be given here",
    ),
    "a field twice": (
        lambda e: e.append("news/start/item.yml", "date: 2008-04-18\n"),
        "news/start/item.yml:2: date: Must be given once.",
    ),
    "no day": (
        lambda e: e.change("news/start/item.yml", "04-18", "02-30"),
        "news/start/item.yml:1: date: Must be a valid date",
    ),
    "a missing field": (
        lambda e: e.write("news/start/item.yml", ""),
        "news/start/item.yml:1: date: Must be given.",
    ),
    "no mapping": (
        lambda e: e.write("news/start/item.yml", "- a\n"),
        "news/start/item.yml:1: Must be fields with values",
    ),
    "no YAML": (
        lambda e: e.write("news/start/item.yml", "date: [a\n"),
        "news/start/item.yml:2: Must be YAML",
    ),
    "an anchor": (
        lambda e: e.write("news/start/item.yml", "date: &a 2008-04-18\nsources: *a\n"),
        "news/start/item.yml:1: Must be YAML: anchors are not taken.",
    ),
    "an unknown value": (
        lambda e: e.change("pages/about/item.yml", "section: about", "section: other"),
        "pages/about/item.yml:1: section: Must be 'programme', 'recognition', 'toolbox' or 'about'",
    ),
    "yes for true": (
        lambda e: e.change(FIGURES, "vendor_claim: false", "vendor_claim: no"),
        f"{FIGURES}:7: examples[1].vendor_claim: Must be true or false.",
    ),
    "an address without https": (
        lambda e: e.change("resources/guide/item.yml", "https", "http"),
        "resources/guide/item.yml:2: address: Must have the form",
    ),
    "an address without a host": (
        lambda e: e.change("resources/guide/item.yml", "www.example.org", "localhost"),
        "resources/guide/item.yml:2: address: Must have the full name of a host.",
    ),
    "an unknown source": (
        lambda e: e.append("news/start/item.yml", "sources: [S2]\n"),
        "news/start/item.yml:2: sources[1]: Must be a source in sources.yml.",
    ),
    "an unknown source of a figure": (
        lambda e: e.change(FIGURES, "source: S26", "source: S2"),
        f"{FIGURES}:8: examples[1].source: Must be a source in sources.yml.",
    ),
    "an unknown technology": (
        lambda e: e.change("cases/printer/item.yml", "[filter]", "[about]"),
        "cases/printer/item.yml:3: technologies[1]: Must be the id of an item in technologies/.",
    ),
    "a saving twice": (
        lambda e: e.change(FIGURES, "saves: [voc]", "saves: [voc, voc]"),
        f"{FIGURES}:3: saves: Must have each value once.",
    ),
    "an example twice": (
        lambda e: e.append(
            FIGURES, e.root.joinpath(FIGURES).read_text().partition("examples:\n")[2]
        ),
        f"{FIGURES}:14: examples[2].id: Must differ",
    ),
    "a wrong figure": (
        lambda e: e.change(FIGURES, "currency: HKD}", "currency: DM}"),
        f"{FIGURES}:11: examples[1].figures[1].currency: Must be",
    ),
    # times
    "no time": (
        lambda e: e.change("events/briefing/item.yml", "14:30", "25:00"),
        "events/briefing/item.yml:1: starts: Must be a day, or a day and a time",
    ),
    "no time zone": (
        lambda e: e.change("events/briefing/item.yml", "Asia/Hong_Kong", "Hong Kong"),
        "events/briefing/item.yml:3: time_zone: Must be the name of a time zone",
    ),
    "an end before the start": (
        lambda e: e.change("events/briefing/item.yml", "16:00", "14:00"),
        "events/briefing/item.yml:2: ends: Must not be before `starts`.",
    ),
    "an end without a time": (
        lambda e: e.change("events/briefing/item.yml", "-25 16:00", "-25"),
        "events/briefing/item.yml:2: ends: Must have a time if `starts` has one",
    ),
    "a registration that closes too late": (
        lambda e: e.append(
            "events/briefing/item.yml",
            "registration: {address: 'https://a.example.org', closes: 2025-03-26}\n",
        ),
        "events/briefing/item.yml:6: registration.closes: Must not be after the event.",
    ),
    "a missing place": (
        lambda e: e.change("events/briefing/tc.md", "place: Kowloon Tong\n", ""),
        "events/briefing/tc.md:2: place: Must be given, unless the event is online.",
    ),
    # languages
    "no English": (lambda e: e.remove(TEXT), f"{TEXT}: Must be there."),
    "a language that is not declared missing": (
        lambda e: e.remove("news/start/sc.md"),
        "news/start/sc.md: Must be there, or `fallback: {sc: en}` in item.yml",
    ),
    "a fallback for what is there": (
        lambda e: e.append("news/start/item.yml", "fallback: {sc: en}\n"),
        "news/start/item.yml:2: fallback.sc: Must not be given, as sc.md is there.",
    ),
    "a fallback to what is not there": (
        lambda e: (
            e.append("news/start/item.yml", "fallback: {sc: tc, tc: en}\n"),
            e.remove("news/start/tc.md"),
            e.remove("news/start/sc.md"),
        ),
        "news/start/item.yml:2: fallback.sc: Must be a language whose file is there.",
    ),
    # texts
    "no front matter": (lambda e: e.write(TEXT, "Text\n"), f"{TEXT}:1: Must begin with a line ---"),
    "no title": (
        lambda e: e.change(TEXT, "title: Title\n", ""),
        f"{TEXT}:2: title: Must be given.",
    ),
    "a title of spaces": (
        lambda e: e.change(TEXT, "title: Title\n", "title: ' '\n"),
        f"{TEXT}:2: title: Must have the form",
    ),
    "an unknown field of a text": (
        lambda e: e.change(TEXT, "title: Title\n", "title: Title\nplace: x\n"),
        f"{TEXT}:3: place: Must not be given here",
    ),
    "HTML": (lambda e: e.append(TEXT, "<b>x</b>\n"), f"{TEXT}:7: Must be Markdown without HTML."),
    "a script": (
        lambda e: e.append(TEXT, "\n<script>alert(1)</script>\n"),
        f"{TEXT}:8: Must be Markdown without HTML.",
    ),
    "a heading of the page": (lambda e: e.append(TEXT, "\n# A\n"), f"{TEXT}:8: Must begin with ##"),
    "a level left out": (
        lambda e: e.append(TEXT, "\n## A\n\n#### B\n"),
        f"{TEXT}:10: Must begin with ###: no level is left out.",
    ),
    "a mark that turns the direction": (
        lambda e: e.append(TEXT, "\u202ex\n"),
        f"{TEXT}:7: Must be without control characters",
    ),
    "an example that is not named": (
        lambda e: e.change("technologies/filter/tc.md", "press-hall:", "hall:"),
        "technologies/filter/tc.md:4: examples: Must say what the example press-hall is.",
    ),
    "measures of one language alone": (
        lambda e: e.change("cases/printer/tc.md", "[A filter]", "[A filter, Another]"),
        "cases/printer/tc.md:6: measures: Must have as many entries in every language.",
    ),
    # links
    "a link to no item": (
        lambda e: e.append(TEXT, "[a](item:nothing)\n"),
        f"{TEXT}:7: item:nothing: Must be the id of an item of this folder.",
    ),
    "a link to no heading": (
        lambda e: (
            e.append("technologies/filter/en.md", "## Cost & saving\n\nMuch.\n"),
            e.append(TEXT, "[a](item:filter#cost)\n"),
        ),
        f"{TEXT}:7: item:filter#cost: Must end with a heading of filter: cost--saving.",
    ),
    "a link to a heading of no item": (
        lambda e: e.append(TEXT, "[a](item:nothing#cost)\n"),
        f"{TEXT}:7: item:nothing#cost: Must be the id of an item of this folder.",
    ),
    "a link to no page": (
        lambda e: e.append(TEXT, "[a](site:nothing)\n"),
        f"{TEXT}:7: site:nothing: Must be one of apply, cases",
    ),
    "a link without https": (
        lambda e: e.append(TEXT, "[a](http://a.example.org)\n"),
        f"{TEXT}:7: http://a.example.org: Must begin with item:",
    ),
    "a link to a script": (
        lambda e: e.append(TEXT, "[a](javascript:alert)\n"),
        f"{TEXT}:7: Must be a valid link",
    ),
    "a link to a file": (lambda e: e.append(TEXT, "[a](../b)\n"), f"{TEXT}:7: ../b: Must begin"),
    "a link with a user's name": (
        lambda e: e.append(TEXT, "[a](https://me:pw@a.example.org)\n"),
        f"{TEXT}:7: https://me:pw@a.example.org: Must be an address without a user's name.",
    ),
    "a link with a space": (
        lambda e: e.append(TEXT, "[a](https://a.example.org/b c)\n"),
        f"{TEXT}:7: Must be a valid link",
    ),
    "no mail address": (lambda e: e.append(TEXT, "[a](mailto:b)\n"), f"{TEXT}:7: mailto:b: Must"),
    "no telephone number": (lambda e: e.append(TEXT, "[a](tel:27)\n"), f"{TEXT}:7: tel:27: Must"),
    "a citation of nothing": (
        lambda e: e.append(TEXT, "So it is [S9].\n"),
        f"{TEXT}:7: [S9]: Must be a source in sources.yml.",
    ),
    # images
    "an image that is not there": (
        lambda e: e.append(TEXT, "![It](a.png)\n"),
        f"{TEXT}:7: a.png: Must be the name of an image in this folder.",
    ),
    "an image of another site": (
        lambda e: e.append(TEXT, "![It](https://a.example.org/a.png)\n"),
        f"{TEXT}:7: https://a.example.org/a.png: Must be the name of an image",
    ),
    "an image without a text": (
        lambda e: (
            e.show("news/start", "a.png", png()),
            e.change(TEXT, "![What it shows]", "![]"),
        ),
        f"{TEXT}:8: Must say between the brackets what the image shows",
    ),
    "an image that one language lacks": (
        lambda e: (
            e.show("news/start", "a.png", png()),
            e.change("news/start/tc.md", "![What it shows](a.png)", ""),
        ),
        "news/start/tc.md: a.png: Must be shown here, too",
    ),
    "an image that no text shows": (
        lambda e: e.write("news/start/a.png", png()),
        "news/start/a.png: Must be shown by the texts",
    ),
    "an image that is too large": (
        lambda e: e.show("news/start", "a.png", png(noise=bytes(500_000))),
        "news/start/a.png: Must be at most 500,000 bytes, not 500,0",
    ),
    "an image with another suffix": (
        lambda e: e.show("news/start", "a.jpg", png()),
        "news/start/a.jpg: Must have a name that ends as image/png",
    ),
    "no image": (
        lambda e: e.show("news/start", "a.png", b"GIF89a"),
        "news/start/a.png: Must be a whole PNG, JPEG or WebP file.",
    ),
    "an image with the place where it was taken": (
        lambda e: e.show("news/start", "a.png", png(more=chunk(b"eXIf", b"MM\0*"))),
        "news/start/a.png: Must be saved without metadata",
    ),
    "an image of a strange size": (
        lambda e: e.show("news/start", "a.png", png(0, 0)),
        "news/start/a.png: Must be 1 to 10,000 pixels",
    ),
    # sources
    "a source without a title": (
        lambda e: e.change("sources.yml", "  title: Front page\n", ""),
        "sources.yml:1: S1.title: Must be given.",
    ),
    "a source that is none": (
        lambda e: e.append("sources.yml", "X1: {title: a, address: 'https://a.example.org'}\n"),
        "sources.yml:9: X1: Must have the form",
    ),
    "a source published on no day": (
        lambda e: e.change("sources.yml", "2007-10-17\n  weak", "2007-02-29\n  weak"),
        "sources.yml:7: S26.published: Must be a day, a month or a year",
    ),
    "a source published in month 13": (
        lambda e: e.change("sources.yml", "2007-10-17\n  weak", "2007-13\n  weak"),
        "sources.yml:7: S26.published: Must have the form",
    ),
}


def mistakes(editor: Editor) -> list[str]:
    return [str(each) for each in checked_edition(editor.root).mistakes]


def test_a_folder_with_an_item_of_each_kind_is_valid(editor):
    editor.show("news/start", "chart.png", png())
    editor.append(
        TEXT, "[a](item:filter) [b](site:toolbox) <https://a.example.org> [c](tel:+85227885588)\n"
    )
    editor.append(
        TEXT, "\n## A\n\n| a | b |\n|---|---|\n| 1 | [m](mailto:a@example.org) |\n\n### B\n"
    )
    editor.write("README.md", "For editors")
    editor.write(".git/HEAD", "")

    assert mistakes(editor) == []


def test_a_heading_is_linked_to_in_the_language_of_the_text(editor):
    editor.append("technologies/filter/en.md", "## What it costs\n")
    editor.append("technologies/filter/tc.md", "## 費用 [S1]\n")
    editor.remove("technologies/filter/sc.md")
    editor.append("technologies/filter/item.yml", "fallback: {sc: tc}\n")
    editor.append(TEXT, "[a](item:filter#what-it-costs)\n")
    editor.append("news/start/tc.md", "[a](item:filter#費用)\n")
    editor.append("news/start/sc.md", "[a](item:filter#費用)\n")

    assert mistakes(editor) == []


@pytest.mark.parametrize(("change", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named(editor, change, said):
    change(editor)

    found = mistakes(editor)
    assert [each for each in found if each.startswith(said)], found


def test_all_mistakes_are_named_at_once_in_the_order_of_files(editor):
    editor.append(TEXT, "<b>[a](item:nothing)</b> [S9]\n")
    editor.remove("pages/about/sc.md")
    editor.change(FIGURES, "source: S26", "source: S9")

    found = mistakes(editor)
    assert len(found) == 5
    assert found == sorted(found)


def test_a_wrong_entry_is_one_mistake(editor):
    editor.change(FIGURES, "origin: A", "origin: E")

    assert mistakes(editor) == [f"{FIGURES}:6: examples[1].origin: Must be 'A', 'B', 'C' or 'D'."]


def test_an_item_that_does_not_fit_into_a_record_is_refused(editor):
    for code in ("en", "tc", "sc"):
        editor.append(f"news/start/{code}.md", "\N{FACTORY}" * 99_000)

    [said] = mistakes(editor)
    assert said.startswith("news/start/item.yml: Must be shorter in all: 1,18")


def test_a_folder_without_items_is_refused(tmp_path):
    [said] = [str(each) for each in checked_edition(tmp_path).mistakes]

    assert said == ".: Must have items: see docs/content.md."


def test_the_command_prints_one_line_for_each_mistake_and_fails(editor):
    editor.append(TEXT, "<b>\n")
    result = CliRunner().invoke(app, ["content", "check", str(editor.root)])

    assert result.exit_code == 1
    assert result.stdout == f"{TEXT}:7: Must be Markdown without HTML.\n"
    assert result.stderr.endswith("Mistakes: 1.\n")


def test_a_fallback_is_visible(editor):
    editor.remove("news/start/sc.md")
    editor.append("news/start/item.yml", "fallback: {sc: tc}\n")
    result = CliRunner().invoke(app, ["content", "check", str(editor.root)])

    assert (result.exit_code, result.stdout) == (
        0,
        "news/start: note: readers of sc see tc.\n",
    )


def test_the_sample_content_is_valid():
    samples = Path(__file__).parents[3] / "samples" / "content"

    assert [str(each) for each in checked_edition(samples).mistakes] == []


@settings(max_examples=25)  # each is a whole folder
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_file_stops_the_check(content, tmp_path_factory):
    root = tmp_path_factory.mktemp("content")
    editor = Editor(root)
    for path in ("sources.yml", "news/start/item.yml", TEXT, FIGURES):
        editor.write(path, content)
    editor.write("pages/about/en.md", b"---\ntitle: a\nsummary: b\n---\n" + content)
    editor.write("pages/about/a.webp", content)

    assert mistakes(editor)
    shutil.rmtree(root)


async def test_links_are_asked_for_on_demand(editor):
    editor.append(TEXT, "[a](https://gone.example.org) [b](https://get.example.org)\n")
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.method, request.url.host))
        if request.url.host == "get.example.org":
            return httpx.Response(200 if request.method == "GET" else 405)
        if request.url.host == "www.cleanerproduction.hk":
            raise httpx.ConnectTimeout(request.url.host)
        return httpx.Response(404 if request.url.host == "gone.example.org" else 200)

    found = await dead_links(checked_edition(editor.root), httpx.MockTransport(answer))

    gone, late = map(str, found)
    assert gone == f"{TEXT}:7: https://gone.example.org: Must be there; the server answers 404."
    assert late.startswith(
        "sources.yml: https://www.cleanerproduction.hk/en_index.asp: Must answer"
    )
    assert {host for _, host in asked} >= {"www.example.org", "get.example.org"}
