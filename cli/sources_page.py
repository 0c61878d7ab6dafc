"""Generates `docs/sources.md`: the public pages that the rules are taken from.

`python -m cli.sources_page` prints the page; a test checks that the committed page is current.
"""

from collections.abc import Iterator
from typing import Final

from shared.rule_sets.sources import Source, all_sources

_INTRODUCTION: Final = """\
# Sources

Made from `shared/rule_sets/sources.toml` by `make docs`; do not edit. The public pages behind the
funding terms (`services/eligibility/rules/programme.toml`), the Recognition Scheme
(`services/recognition/rules/scheme.toml`), the reasons (`services/*/rules/reasons.toml`) and the
samples. Entries there name them by their marks; `source = "setting"` marks a value that no source
gives. The published rules, `ProgrammePublished` and `SchemePublished`, have the sources that they
name ([events](events.md#programmepublished)).

| Mark | Source | What it is taken for |
| --- | --- | --- |
"""


def page() -> str:
    """Return the whole page."""
    return _INTRODUCTION + "".join(_rows())


def _rows() -> Iterator[str]:
    for mark, source in all_sources().items():
        yield f"| {mark} | {_written(source)} | {source.taken_for} |\n"


def _written(source: Source) -> str:
    chinese = f", Chinese: <{source.url_zh}>" if source.url_zh else ""
    return f"{source.title}: <{source.url}>{chinese}"


if __name__ == "__main__":
    print(page(), end="")
