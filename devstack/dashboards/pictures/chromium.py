"""Photographs a page with Chromium."""

import subprocess
import tempfile
from pathlib import Path
from typing import Final

from devstack.errors import StackError

_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--disable-lcd-text",  # text in grey makes small pictures
)
_SECONDS: Final = 60
_SCALE: Final = 0.8
_MOST_PIXELS: Final = 1650  # from top to bottom, or the file becomes too large


def photograph(html: str, picture: Path, size: tuple[int, int]) -> None:
    """Write a picture of a page.

    Raises `StackError` if Chromium is not installed, or fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html)
        command = (
            "chromium",
            *_FLAGS,
            f"--user-data-dir={folder}/profile",
            f"--window-size={size[0]},{size[1]}",
            f"--force-device-scale-factor={min(_SCALE, _MOST_PIXELS / size[1]):.3f}",
            f"--screenshot={picture.resolve()}",
            page.as_uri(),
        )
        _run(command)
    if not picture.exists():
        msg = "Chromium has written no picture: try its command line by hand."
        raise StackError(msg)


def _run(command: tuple[str, ...]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603
    except FileNotFoundError as error:
        msg = "chromium must be installed: on Debian and Ubuntu with `apt-get install chromium`."
        raise StackError(msg) from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        msg = f"Chromium failed ({type(error).__name__})."
        raise StackError(msg) from error
