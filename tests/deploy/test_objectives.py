"""docs/slo.md says what the rules measure."""

import re

import pytest

from devstack.objectives import PAGE, columns, other_queries
from shared.metrics import Metrics
from tests.deploy.repository import PROMETHEUS, read_yaml

TEXT = PAGE.read_text()
RULES = [
    rule
    for path in (PROMETHEUS / "rules").glob("*.yml")
    for group in read_yaml(path)["groups"]
    for rule in group["rules"]
]
TARGETS = {
    rule["labels"]["objective"]: float(re.sub(r"vector\((.*)\)", r"\1", rule["expr"]))
    for rule in RULES
    if rule.get("record") == "objective:target:ratio"
}
WINDOWS = ["5m", "30m", "1h", "6h", "3d", "30d"]
_RECORDED = re.compile(r"\b[a-z]\w*(?::\w+)+")


def test_the_page_promises_what_the_rules_measure():
    rows = re.findall(r"^\| \[`([\w-]+)`\]\(#[\w-]+\) \| ([\d.]+) % \|", TEXT, re.MULTILINE)

    promised = {name: round(float(percent) / 100, 6) for name, percent in rows}

    assert promised == TARGETS
    assert len(promised) == 4


@pytest.mark.parametrize("objective", TARGETS)
def test_an_objective_has_a_section_a_query_and_an_alert(objective):
    section = TEXT.partition(f"\n## {objective}\n")[2].partition("\n## ")[0]

    assert other_queries(section)
    assert [rule for rule in RULES if "alert" in rule and f'"{objective}"' in rule["expr"]]


@pytest.mark.parametrize("window", WINDOWS)
def test_every_objective_is_recorded_over_every_window(window):
    recorded = [
        rule for rule in RULES if rule.get("record") == f"objective:bad_events:ratio_rate{window}"
    ]

    named = {rule["labels"]["objective"] for rule in recorded if "labels" in rule}
    others = any('objective!="intake-available"' in rule["expr"] for rule in recorded)
    assert named == (TARGETS.keys() if window not in {"3d", "30d"} else {"intake-available"})
    assert others == (window in {"3d", "30d"})


def test_queries_of_the_page_ask_for_what_is_recorded():
    queries = [*columns(TEXT).values(), *other_queries(TEXT)]
    names = {name for query in queries for name in _RECORDED.findall(query)}

    assert len(columns(TEXT)) == 4
    assert names <= {rule.get("record") for rule in RULES}


def test_every_alert_that_the_page_names_exists():
    alerts = {rule["alert"] for rule in RULES if "alert" in rule}
    section = TEXT.partition("\n## Alerts\n")[2].partition("\n## ")[0]

    assert set(re.findall(r"`([A-Z]\w+)`", section)) <= alerts


def test_the_histogram_has_the_bounds_of_the_objectives():
    metrics = Metrics("sample")
    metrics.end_to_end.observe((), "accepted", "decided")
    [family] = [
        each for each in metrics.registry.collect() if each.name == "cppp_end_to_end_seconds"
    ]
    bounds = {each.labels.get("le") for each in family.samples}

    asked = {bound for rule in RULES for bound in re.findall(r'le="([^"]+)"', rule["expr"])}
    assert asked == {"5.0", "10.0", "60.0"}
    assert asked <= bounds
