"""Writes deploy/grafana/dashboards: `python -m devstack.dashboards`."""

import argparse
from pathlib import Path
from typing import Final

from devstack.dashboards.building import as_json
from devstack.dashboards.pages import DASHBOARDS
from devstack.stack.program import PROJECT

FOLDER: Final = PROJECT / "deploy" / "grafana" / "dashboards"
OPERATIONS: Final = "http://127.0.0.1:8009"


def files(operations: str = OPERATIONS) -> dict[str, str]:
    """Return the content of every file by its name."""
    return {f"{each.uid}.json": as_json(each, DASHBOARDS, operations) for each in DASHBOARDS}


def write(folder: Path, operations: str) -> None:
    """Write all files, and remove those of dashboards that are gone."""
    written = files(operations)
    for stale in folder.glob("cppp-*.json"):
        if stale.name not in written:
            stale.unlink()
    for name, content in written.items():
        (folder / name).write_text(content)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", default=OPERATIONS, help="where its page is (%(default)s)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the files (%(default)s)")
    options = parser.parse_args()
    write(options.folder, options.operations)


if __name__ == "__main__":
    _main()
