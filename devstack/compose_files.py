"""Writes COMPOSE_FILE into .env: the compose files that make up the platform, one for each service.

`make compose` runs it with the system's Python, so it uses the standard library only. Compose's own
`include` takes no pattern.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_VARIABLE = "COMPOSE_FILE="
_OVERRIDE = "docker-compose.override.yml"  # Compose reads it by itself only without COMPOSE_FILE


def compose_files(root: Path = ROOT) -> "list[str]":
    """Return the files in order, relative to `root`."""
    services = sorted(
        path.relative_to(root).as_posix() for path in root.glob("services/*/compose.yml")
    )
    override = [_OVERRIDE] if (root / _OVERRIDE).exists() else []
    return ["docker-compose.yml", *services, *override]


def write_environment(root: Path = ROOT) -> str:
    """Set COMPOSE_FILE in `.env` under `root`, leave its other lines, and return the line."""
    path = root / ".env"
    lines = path.read_text().splitlines() if path.exists() else []
    line = _VARIABLE + ":".join(compose_files(root))
    others = [each for each in lines if not each.startswith(_VARIABLE)]
    if not path.exists():
        path.touch(mode=0o600)  # a secret is added to it
    path.write_text("\n".join([*others, line, ""]))
    return line


if __name__ == "__main__":
    sys.stdout.write(write_environment() + "\n")
