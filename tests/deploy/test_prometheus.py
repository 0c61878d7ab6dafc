"""Prometheus' targets and alerts."""

import re
import subprocess
from importlib import import_module

import pytest

from bench.report.results import load_results
from devstack.servers.monitoring import RETENTION
from tests.deploy.repository import PROMETHEUS, ROOT, SERVICES, compose_file, read_yaml

CONFIGURATION = PROMETHEUS / "prometheus.yml"
RULE_TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))
RULES = [
    rule
    for path in sorted((PROMETHEUS / "rules").glob("*.yml"))
    for group in read_yaml(path)["groups"]
    for rule in group["rules"]
    if "alert" in rule
]
WATCHDOG = "Watchdog"  # is never silent
TO_NOBODY = {WATCHDOG, "OutageJustNow", "OutageRecently"}  # nobody has to act on these
RUNBOOKS = ROOT / "docs" / "runbooks"
OWN_PAGES = {f"docs/runbooks/{each}.md" for each in SERVICES}  # which a new service brings along


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_its_own_target_file(service: str):
    port = import_module(f"services.{service}.app").PORT

    assert read_yaml(PROMETHEUS / "targets" / f"{service}.yml") == [
        {"targets": [f"{service}:{port}"], "labels": {"job": service}},
    ]


def test_every_target_file_belongs_to_a_service():
    assert {path.stem for path in (PROMETHEUS / "targets").iterdir()} == set(SERVICES)


def test_services_are_found_by_their_target_files():
    jobs = {each["job_name"]: each for each in read_yaml(CONFIGURATION)["scrape_configs"]}

    assert jobs["services"]["file_sd_configs"][0]["files"] == ["targets/*.yml"]
    assert "static_configs" not in jobs["services"]
    assert not [name for name in SERVICES if f"{name}:" in CONFIGURATION.read_text()]


def test_a_scrape_ends_before_the_next_one():
    seconds = {
        name: int(value.removesuffix("s"))
        for name, value in read_yaml(CONFIGURATION)["global"].items()
    }

    assert seconds["scrape_timeout"] < seconds["scrape_interval"]


def test_metrics_are_kept_for_as_long_as_rules_look_back():
    kept = "--storage.tsdb.retention.time=35d"
    expressions = " ".join(
        rule["expr"]
        for path in (PROMETHEUS / "rules").glob("*.yml")
        for group in read_yaml(path)["groups"]
        for rule in group["rules"]
    )
    days = {"d": 1, "w": 7}
    looked_back = [
        int(number) * days[unit]
        for number, unit in re.findall(r"(?:\[|offset )(\d+)([dw])", expressions)
    ]

    assert kept in RETENTION
    assert {*RETENTION} <= {*compose_file()["services"]["prometheus"]["command"]}
    assert 28 <= max(looked_back) < 35


def test_promtool_accepts_the_configuration():
    promtool("check", "config", str(CONFIGURATION))


@pytest.mark.parametrize("path", RULE_TESTS, ids=lambda each: each.stem)
def test_alerts_fire_when_they_should(path):
    promtool("test", "rules", str(path))


def promtool(*arguments: str) -> None:
    """Run promtool, which `make test` requires."""
    done = subprocess.run(  # noqa: S603 - our own files
        ["promtool", *arguments],  # noqa: S607 - wherever it is installed
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_all_rules_are_loaded():
    assert RULES
    assert read_yaml(CONFIGURATION)["rule_files"] == ["rules/*.yml"]
    assert {path.suffix for path in (PROMETHEUS / "rules").iterdir()} == {".yml"}


def test_every_rule_has_a_test_in_which_it_fires_and_one_in_which_it_does_not():
    cases = [
        case
        for path in RULE_TESTS
        for test in read_yaml(path)["tests"]
        for case in test["alert_rule_test"]
    ]

    for rule in RULES:
        of_rule = [each for each in cases if each["alertname"] == rule["alert"]]
        fired = [alert["exp_labels"] for each in of_rule for alert in each.get("exp_alerts", ())]
        assert [each for each in fired if each["severity"] == rule["labels"]["severity"]]
        assert rule["alert"] == WATCHDOG or [each for each in of_rule if not each.get("exp_alerts")]


def test_the_tested_peak_is_that_of_the_last_benchmark():
    [rule] = [each for each in RULES if each["alert"] == "NearTestedPeak"]
    [(share, peak)] = re.findall(r"> ([\d.]+) \* (\d+)", rule["expr"])
    measured = load_results().intake["single"].per_second

    assert (share, measured is not None) == ("0.8", True)
    assert 0.8 < int(peak) / measured < 1.2, f"measured are {measured} requests a second"


@pytest.mark.parametrize("rule", RULES, ids=lambda each: each["alert"])
def test_an_alert_has_a_summary_a_consequence_an_action_and_a_runbook(rule):
    annotations = rule["annotations"]
    page, _, section = annotations["runbook_url"].partition("#")

    assert annotations.keys() == {"summary", "consequence", "action", "runbook_url"}
    severities = {"none"} if rule["alert"] in TO_NOBODY else {"page", "ticket"}
    assert rule["labels"]["severity"] in severities
    assert page in OWN_PAGES or rule["alert"] in (RUNBOOKS / "README.md").read_text()
    assert rule["alert"] in (ROOT / page).read_text()
    assert not section or f"## {section}" in (ROOT / page).read_text().lower()
