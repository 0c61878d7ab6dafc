"""What services export, and what alerts and recording rules select of it."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.repository import PROMETHEUS, read_yaml

_SELECTOR = re.compile(r"\b((?:cppp|kafka)_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')

# An e-mail or network address; or what no vocabulary has: six digits, or hexadecimal ones in a row.
_IDENTIFYING = re.compile(
    r"@|\d+\.\d+\.\d+\.\d+|\[?[0-9a-f]*::|\d{6}|\b(?=[a-f]*\d)[0-9a-f]{8,}\b|/home/|/root/|/tmp/"
)
_RECORDED = re.compile(r"\b[a-z]\w*(?::\w+)+")


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


def unrecorded_names() -> set[str]:
    """Return the names with colons that a rule selects and no rule records."""
    rules = [
        rule
        for path in (PROMETHEUS / "rules").glob("*.yml")
        for group in read_yaml(path)["groups"]
        for rule in group["rules"]
    ]
    used = {name for rule in rules for name in _RECORDED.findall(rule["expr"])}
    return used - {rule.get("record") for rule in rules}


def series(service: str, text: str) -> Iterable[tuple[str, dict[str, str]]]:
    """Return name and labels of what a service exports, as Prometheus stores it."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield sample.name, {"job": service, **sample.labels}


def empty_counters(text: str) -> set[str]:
    """Return the counters without any sample, of which `increase()` does not see the first event.

    Those without labels always have one.
    """
    families = text_string_to_metric_families(text)
    return {each.name for each in families if each.type == "counter" and not each.samples}


def identifying_labels(text: str) -> set[str]:
    """Return the label values that look like an id, an address or a secret."""
    values = {
        value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        for label, value in sample.labels.items()
        if label != "le"  # the bound of a bucket
    }
    return {each for each in values if _IDENTIFYING.search(each)}


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
