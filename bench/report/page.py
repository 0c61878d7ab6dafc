"""Writes the tables on docs/performance.md from the last results: `python -m bench.report.page`."""

import re
from pathlib import Path
from typing import Final

from bench.report.results import LATEST, Results, load
from bench.report.tables import TABLES, markdown
from devstack.stack.program import PROJECT

PAGE: Final = PROJECT / "docs" / "performance.md"
_PLACE: Final = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_NOTHING: Final = "Not measured yet: `make bench` fills this in."


def filled(page: str, results: Results | None) -> str:
    """Put every table in its place; the text around them stays."""

    def table(place: re.Match[str]) -> str:
        made = _NOTHING if results is None else _table(place[2], results)
        return f"{place[1]}{made}\n{place[3]}"

    return _PLACE.sub(table, page)


def _table(name: str, results: Results) -> str:
    if name == "setting":
        return _setting(results)
    if name.startswith("plot_"):
        return _plot(name.removeprefix("plot_"))
    made = TABLES[name](results)
    return made if made.count("\n") > 1 else "Not part of the last run."


def _plot(name: str) -> str:
    file = PAGE.with_suffix("") / f"{name}.svg"
    return f"![{name}](performance/{file.name})" if file.exists() else "Not part of the last run."


def _setting(results: Results) -> str:
    rows = [
        ("measured at", f"{results.measured_at:%Y-%m-%d %H:%M} UTC"),
        ("size", results.plan),
        ("commit", f"`{results.commit}`"),
        *((name.replace("_", " "), str(value)) for name, value in results.machine.items()),
        ("versions", ", ".join(f"{name} {value}" for name, value in results.versions.items())),
    ]
    return markdown(("", ""), rows).replace("---:", "---")


def latest() -> Results | None:
    """Read the last results, if there are any."""
    return load(LATEST) if LATEST.exists() else None


def main(page: Path = PAGE) -> None:
    """Write the page."""
    page.write_text(filled(page.read_text(), latest()))


if __name__ == "__main__":
    main()
