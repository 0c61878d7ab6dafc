"""Draws docs/screens/dashboard-*.png: `python -m devstack.dashboards.pictures PROMETHEUS_URL`."""

import argparse
import json
import time
from pathlib import Path
from typing import Any, Final

from devstack.dashboards.__main__ import FOLDER
from devstack.dashboards.asking import Prometheus, Window
from devstack.dashboards.pictures.chromium import photograph
from devstack.dashboards.pictures.page import WIDTH, Shown
from devstack.stack.program import PROJECT

SCREENS: Final = PROJECT / "docs" / "screens"
_AROUND: Final = 120  # the heading and the margins
_UNIT_HEIGHT: Final = 38


def draw(dashboard: dict[str, Any], prometheus: Prometheus, window: Window, picture: Path) -> None:
    """Draw one dashboard."""
    lowest = max(each["gridPos"]["y"] + each["gridPos"]["h"] for each in dashboard["panels"])
    size = (WIDTH + 32, lowest * _UNIT_HEIGHT + _AROUND)
    photograph(Shown(dashboard, prometheus, window).page(), picture, size)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prometheus", help="its URL, such as http://127.0.0.1:9090")
    parser.add_argument("--minutes", type=float, default=15, help="to show (%(default)s)")
    parser.add_argument("--until", type=float, default=None, help="seconds since 1970 (now)")
    parser.add_argument("--scrape-seconds", type=float, default=5, help="(%(default)s)")
    parser.add_argument("--only", nargs="*", default=[], help="names, such as overview")
    parser.add_argument("--suffix", default="", help="of the pictures' names, such as -incident")
    parser.add_argument("--folder", type=Path, default=SCREENS, help="(%(default)s)")
    options = parser.parse_args()
    end = options.until or time.time()
    window = Window(end - 60 * options.minutes, end, options.scrape_seconds)
    prometheus = Prometheus(options.prometheus)
    for path in sorted(FOLDER.glob("*.json")):
        name = path.stem.removeprefix("cppp-")
        if not options.only or name in options.only:
            picture = options.folder / f"dashboard-{name}{options.suffix}.png"
            draw(json.loads(path.read_text()), prometheus, window, picture)
            print(f"{picture} ({picture.stat().st_size // 1024} KB)")
    prometheus.close()


if __name__ == "__main__":
    _main()
