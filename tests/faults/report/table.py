"""The table of a full run: on the screen, as files, and in docs/reliability.md."""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from devstack.servers.jar_lock import locked_jars
from devstack.servers.mongodb import mongod
from devstack.stack.program import PROJECT
from tests.faults.observe.measurements import Recovery
from tests.faults.scenario import Row

RESULTS = Path(__file__).parents[1] / "results"
PAGE = PROJECT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures of the last full run -->", "<!-- end of the figures -->"
COLUMNS = (
    "fault",
    "rounds",
    "faults",
    "accepted",
    "lost",
    "duplicated",
    "order violations",
    "recovery s (median / longest)",
    "mails repeated / crashes",
    "also measured",
)
_PACKAGES = ("aiokafka", "faststream", "motor", "aiosmtplib", "uvicorn")
_MAX_COMPLAINTS = 5
_MARKS = {
    "good": "",
    "VIOLATED": " ✗",
    "suite error": " (suite error)",
    "not run": " (not run)",
}


def cells(row: Row) -> tuple[str, ...]:
    """Return the cells of a row as text."""
    return (
        row.fault + _MARKS[row.state],
        str(row.rounds),
        str(row.faults),
        f"{row.accepted:,}",
        str(row.lost),
        str(row.duplicated),
        str(row.out_of_order),
        row.recovery,
        f"{row.mails_repeated} / {row.crashes}",
        "; ".join([*row.notes, *([f"not run: {row.not_run}"] if row.not_run else [])]) or "-",
    )


def markdown(rows: Sequence[Row], about: dict[str, Any]) -> str:
    """Return the table as Markdown, with the versions and the machine that it was measured on."""
    lines = [COLUMNS, ("---",) * len(COLUMNS), *map(cells, rows)]
    table = "\n".join(f"| {' | '.join(each)} |" for each in lines)
    measured = ", ".join(f"{name} {value}" for name, value in about.items())
    return f"{table}\n\nMeasured on: {measured}.\n"


def measured_on() -> dict[str, Any]:
    """Return what a run is measured on, without anything that identifies the machine."""
    packages = {name: version(name) for name in _PACKAGES}
    [broker] = [e for e in locked_jars() if e.coordinate.startswith("org.apache.kafka:kafka_")]
    return {
        "commit": _output_of("git", "rev-parse", "--short", "HEAD"),
        "on": datetime.now(UTC).date().isoformat(),
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "Kafka": broker.coordinate.rpartition(":")[2],
        "mongod": _output_of(str(mongod()), "--version").partition("\n")[0].rpartition("v")[2],
        **packages,
    }


def _output_of(program: str, *arguments: str) -> str:
    path = shutil.which(program)
    if path is None:
        return "unknown"
    result = subprocess.run(  # noqa: S603 - our own command line
        (path, *arguments), cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return result.stdout.strip() or "unknown"


def save(rows: Sequence[Row], about: dict[str, Any], name: str) -> None:
    """Write the results as Markdown and as JSON."""
    RESULTS.mkdir(exist_ok=True)
    results = {"about": about, "rows": [asdict(each) for each in rows]}
    (RESULTS / f"{name}.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    (RESULTS / f"{name}.md").write_text("# Fault suite\n\n" + markdown(rows, about))


def last_results(name: str) -> tuple[list[Row], dict[str, Any]]:
    """Read what `save` wrote."""
    results = json.loads((RESULTS / f"{name}.json").read_text())
    rows = [
        Row(**{**each, "recoveries": [Recovery(**one) for one in each["recoveries"]]})
        for each in results["rows"]
    ]
    return rows, results["about"]


def with_rows(
    last: tuple[Sequence[Row], dict[str, Any]], rows: Sequence[Row], about: dict[str, Any]
) -> tuple[list[Row], dict[str, Any]]:
    """Put rows into the last results, and say which ones were measured later, on what."""
    before, about_before = last
    new = {each.fault: each for each in rows}
    known = {each.fault for each in before}
    merged = [new.get(each.fault, each) for each in before]
    added = [each for each in rows if each.fault not in known]
    names = ", ".join(f"“{each.fault}”" for each in rows)
    later = f"{names} at commit {about['commit']} on {about['on']}"
    earlier = [about_before["later"]] if "later" in about_before else []
    return [*merged, *added], about_before | {"later": "; ".join([*earlier, later])}


def update_page(rows: Sequence[Row], about: dict[str, Any]) -> None:
    """Replace the figures between the markers in docs/reliability.md."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{markdown(rows, about)}\n{END}{after}")


def complaints(rows: Sequence[Row]) -> list[str]:
    """Return what went wrong: the first complaints of each row, and the errors of the suite."""
    return [
        f"{row.fault}: {complaint}"
        for row in rows
        for complaint in [
            *row.complaints[:_MAX_COMPLAINTS],
            *_and_more(len(row.complaints) - _MAX_COMPLAINTS),
            *row.suite_errors,
        ]
    ]


def _and_more(number: int) -> list[str]:
    return [f"… and {number} more"] if number > 0 else []
