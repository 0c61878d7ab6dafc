"""Writes the tables on docs/performance.md from the last results: `python -m bench.report.page`."""

import re
from pathlib import Path
from typing import Final

from bench.report.formatting import markdown_table
from bench.report.results import LATEST, Results, load_results
from bench.report.tables import TABLES
from devstack.stack.program import PROJECT

PAGE: Final = PROJECT / "docs" / "performance.md"
_PLACEHOLDER: Final = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_NOT_MEASURED: Final = "Not measured yet: `make bench` fills this in."
_NOT_IN_LAST_RUN: Final = "Not part of the last run."


def render(page: str, results: Results | None) -> str:
    """Replace every table on the page; leave the text around them as it is."""

    def table(placeholder: re.Match[str]) -> str:
        text = _NOT_MEASURED if results is None else _table(placeholder[2], results)
        return f"{placeholder[1]}{text}\n{placeholder[3]}"

    return _PLACEHOLDER.sub(table, page)


def _table(name: str, results: Results) -> str:
    if name == "setting":
        return _setting_table(results)
    if name.startswith("plot_"):
        return _plot(name.removeprefix("plot_"))
    text = TABLES[name](results)
    return text if text.count("\n") > 1 else _NOT_IN_LAST_RUN


def _plot(name: str) -> str:
    file = PAGE.with_suffix("") / f"{name}.svg"
    return f"![{name}](performance/{file.name})" if file.exists() else _NOT_IN_LAST_RUN


def _setting_table(results: Results) -> str:
    rows = [
        ("measured at", f"{results.measured_at:%Y-%m-%d %H:%M} UTC"),
        ("size", results.plan),
        ("commit", f"`{results.commit}`"),
        *((name.replace("_", " "), str(value)) for name, value in results.machine.items()),
        ("versions", ", ".join(f"{name} {value}" for name, value in results.versions.items())),
    ]
    return markdown_table(("", ""), rows).replace("---:", "---")


def latest_results() -> Results | None:
    """Return the last results, if there are any."""
    return load_results(LATEST) if LATEST.exists() else None


def main(page: Path = PAGE) -> None:
    """Update the page."""
    page.write_text(render(page.read_text(), latest_results()))


if __name__ == "__main__":
    main()
