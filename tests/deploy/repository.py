"""The compose file, Dockerfiles and configuration of this repository, as written."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/__init__.py"))
JOBS = {"content"}  # containers that do something once and end
ENTRIES = {name: ROOT / "services" / name / "compose.yml" for name in SERVICES}


def read_yaml(path: Path) -> Any:
    """Read a YAML file, with the parser in C: it is ten times as fast."""
    return yaml.load(path.read_text(), Loader=yaml.CSafeLoader)


def compose_file() -> dict[str, Any]:
    """Read docker-compose.yml."""
    return dict(read_yaml(ROOT / "docker-compose.yml"))


def containers() -> dict[str, Any]:
    """Return all containers of the platform, as Compose combines the files."""
    return compose_file()["services"] | {name: entry(name) for name in SERVICES}


def entry(service: str) -> dict[str, Any]:
    """Return a service's entry in its own compose file, with what it extends."""
    own = dict(read_yaml(ENTRIES[service])["services"][service])
    base = own.pop("extends")
    extended = read_yaml(ROOT / base["file"])["services"][base["service"]]
    environment = extended["environment"] | own.get("environment", {})
    return {**extended, **own, "environment": environment}


def infrastructure() -> set[str]:
    """Return the names of the containers whose images are not built here."""
    return set(compose_file()["services"]) - JOBS


def dockerfile(image: str) -> Path:
    """Return the Dockerfile of a service or a job."""
    return ROOT / containers()[image]["build"]["dockerfile"]


def instructions(image: str) -> list[tuple[str, str]]:
    """Read the Dockerfile of a service or a job as pairs of instruction and arguments."""
    text = dockerfile(image).read_text()
    lines = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines if line)]


def arguments(image: str, instruction: str) -> list[str]:
    """Return what follows each occurrence of an instruction in such a Dockerfile."""
    return [rest for word, rest in instructions(image) if word == instruction]
