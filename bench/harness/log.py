"""Progress on the terminal."""

from datetime import UTC, datetime


def log(text: str) -> None:
    """Print a line with the time of day (UTC)."""
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", flush=True)
