"""What services export, and what alerts and recording rules select of it."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.repository import PROMETHEUS, read_yaml

_SELECTOR = re.compile(r"\b((?:cppp|kafka)_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')


@dataclass(frozen=True)
class Selector:
    """A metric and the conditions on its labels."""

    name: str
    conditions: tuple[tuple[str, str, str], ...] = field(default=())

    def selects(self, name: str, labels: dict[str, str]) -> bool:
        return name == self.name and all(
            _holds(labels.get(label, ""), sign, value) for label, sign, value in self.conditions
        )


def _holds(actual: str, sign: str, value: str) -> bool:
    equal = bool(re.fullmatch(value, actual)) if "~" in sign else actual == value
    return equal != sign.startswith("!")


def selectors() -> set[Selector]:
    """Return every selector of every rule, but those of what rules record."""
    return {
        Selector(name, tuple(_MATCHER.findall(conditions)))
        for path in (PROMETHEUS / "rules").glob("*.yml")
        for group in read_yaml(path)["groups"]
        for rule in group["rules"]
        for name, conditions in _SELECTOR.findall(rule["expr"])
    }


def series(service: str, text: str) -> Iterable[tuple[str, dict[str, str]]]:
    """Return name and labels of what a service exports, as Prometheus stores it."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield sample.name, {"job": service, **sample.labels}


def complaints_of_promtool(text: str) -> str:
    """Return what `promtool check metrics` finds wrong."""
    done = subprocess.run(
        ["promtool", "check", "metrics"],  # noqa: S607 - wherever it is installed
        input=text,
        text=True,
        capture_output=True,
        check=False,
    )
    return done.stdout + done.stderr
