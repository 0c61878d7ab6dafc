"""The Markdown of editors as HTML: nothing in it can do harm, and links lead where they may."""

import re

import pytest

from services.portal.web.markdown import ShownPicture, Targets, html

TARGETS = Targets(
    link={"item:voc-filter": "/tc/technologies/voc-filter", "site:home": "/tc"}.get,
    image={"duct.png": ShownPicture("/images/sha256-1", 640, 480)}.get,
    cited=frozenset({"S26"}),
)


def shown(text):
    return str(html(text, TARGETS)).strip()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[a](javascript:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "![a](javascript:alert(1))",
        "[a](//evil.example)",
        "[a](http://plain.example)",
        "[a](/elsewhere)",
        "<https://a.example/?q=\"onmouseover='alert(1)'>",
        "[S26](javascript:alert(1))",
    ],
)
def test_nothing_in_a_text_can_do_harm(text):
    found = shown(text).lower()

    assert "<script" not in found
    assert "<img" not in found
    assert 'href="javascript' not in found
    assert 'href="data' not in found
    assert 'href="/' not in found
    assert 'href="http:' not in found
    assert '"onmouseover' not in found


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[a](item:voc-filter)", '<a href="/tc/technologies/voc-filter" class="govuk-link">a</a>'),
        ("[a](site:home)", 'href="/tc"'),
        ("[a](https://x.example/)", 'rel="external noopener"'),
        ("a [S26].", 'a <a class="govuk-link" href="#S26">[S26]</a>.'),
        ("a [S99].", "a [S99]."),
        ("## Über *uns* [S26]", 'id="part-über-uns"'),
        (
            "![Duct & filter](duct.png)",
            '<img src="/images/sha256-1" alt="Duct &amp; filter" width="640" height="480"',
        ),
        ("![Not there yet](none.png)", ">Not there yet</p>"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", '<td class="govuk-table__cell">1</td>'),
        ("清潔\n生產", "清潔生產"),
        ("clean\nproduction", "clean\nproduction"),
    ],
)
def test_what_a_text_says_is_shown(text, part):
    assert part in shown(text)


@pytest.mark.parametrize("text", ["[a](item:gone)", "[a](site:statistics)"])
def test_a_link_to_what_is_not_there_is_its_text(text):
    assert shown(text) == '<p class="govuk-body">a</p>'


def test_headings_of_one_name_have_different_anchors():
    found = shown("## One\n\n## One\n\n## Two")

    assert [part in found for part in ('"part-one"', '"part-one-2"', '"part-two"')] == [True] * 3


def test_a_table_can_be_scrolled_with_the_keyboard_and_is_named_by_its_heading():
    found = shown("## Labels\n\n| a | b |\n| - | - |\n| 1 | 2 |")

    assert (
        '<div class="site-scroll" role="group" aria-labelledby="part-labels" tabindex="0">' in found
    )


def test_tables_of_a_text_have_only_so_many_cells():
    """A line of each would be filled up to the columns of the first one: 2 KB took 0.6 s."""
    wide = "|".join("a" * 500) + "\n" + "|".join("-" * 500) + "\n"
    large, small = wide + "b\n" * 1_000, "a|b\n-|-\nc|d\n"

    assert "<table" not in shown(large)
    assert shown(f"{small}\n{large}\n{small}").count("<table") == 2
    assert shown("\n".join([small] * 100)).count("<table") == 100
    assert shown("\n".join([wide + "b\n" * 7] * 10)).count("<table") == 2  # 4,500 cells each


@pytest.mark.timeout(30)  # of a hundred thousand bytes each
@pytest.mark.parametrize(
    "text", ["# a\n" * 25_000, "-|-\n" * 25_000, "|-" * 50_000, ("a|b\n-|-\n" + "c\n" * 9) * 3_000]
)
def test_no_text_takes_long(text):
    assert shown(text)


def test_anchors_are_unique_however_often_a_heading_is_repeated():
    found = re.findall(r'id="([^"]+)"', shown("# a\n# a-2\n# a\n# a\n# a-2\n"))

    assert found == ["part-a", "part-a-2", "part-a-3", "part-a-4", "part-a-2-2"]
