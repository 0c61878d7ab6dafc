"""Every source that the services' data cites is listed where readers find it, and no other."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[3]
MARK = re.compile(r"\bS[1-9][0-9]*\b")
DATA = [
    *PROJECT.glob("services/*/rules/programme.toml"),
    *PROJECT.glob("services/*/rules/scheme.toml"),
    *PROJECT.glob("services/*/rules/reasons.toml"),
    *PROJECT.glob("services/*/rules/results.toml"),
    PROJECT / "samples" / "figures.py",
]
LISTED = re.findall(
    r"^\| (S[0-9]+) \| .*<https?://[^>]+>",
    (PROJECT / "docs" / "sources.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def test_every_cited_source_is_listed_with_its_address_and_no_other():
    assert len(DATA) >= 5
    cited = {mark for file in DATA for mark in MARK.findall(file.read_text(encoding="utf-8"))}

    assert set(LISTED) == cited


def test_no_source_is_listed_twice():
    assert len(LISTED) == len(set(LISTED))


def test_every_source_of_the_data_is_a_list_of_marks_a_setting_or_an_officer():
    for file in DATA:
        for source in re.findall(r'source = "([^"]*)"', file.read_text(encoding="utf-8")):
            assert re.fullmatch(r"setting|casework|S\d+(, S\d+)*", source), f"{file.name}: {source}"
