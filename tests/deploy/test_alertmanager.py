"""Who is told of which alert, and what is silent while its cause is told of."""

import re
import subprocess

import pytest

from devstack.servers.monitoring import DEPLOY, ON_CALL
from tests.deploy.repository import PROMETHEUS, SERVICES, compose_file, read_yaml

CONFIGURATION = DEPLOY / "alertmanager" / "alertmanager.yml"
ALERTS = {
    rule["alert"]: rule["labels"]["severity"]
    for path in (PROMETHEUS / "rules").glob("*.yml")
    for group in read_yaml(path)["groups"]
    for rule in group["rules"]
    if "alert" in rule
}


def amtool(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own files
        ["amtool", *arguments],  # noqa: S607 - wherever it is installed
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_amtool_accepts_the_configuration_and_its_templates():
    assert "1 templates" in amtool("check-config", str(CONFIGURATION))


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("alertname=ConsumerGone severity=page job=notify", "on-call"),
        ("alertname=MongoSlow severity=ticket service=notify", "tickets"),
        ("alertname=Watchdog severity=none", "watchdog"),
        ("alertname=OutageRecently severity=none cause=KafkaDown", "nobody"),
        ("alertname=OutageJustNow severity=none cause=KafkaDown", "nobody"),
        ("alertname=SomethingNew", "tickets"),
    ],
)
def test_alerts_are_routed_by_their_severity(labels, receiver):
    file = f"--config.file={CONFIGURATION}"

    amtool("config", "routes", "test", file, f"--verify.receivers={receiver}", *labels.split())


def test_a_page_goes_where_make_run_says():
    [on_call, *_] = read_yaml(CONFIGURATION)["receivers"]

    assert on_call["email_configs"][0]["to"] == ON_CALL


def test_only_alerts_that_exist_cause_silence_or_fall_silent():
    rules = read_yaml(CONFIGURATION)["inhibit_rules"]
    matchers = [
        each for rule in rules for each in [*rule["source_matchers"], *rule["target_matchers"]]
    ]
    named = [
        name
        for each in matchers
        if each.strip().startswith(("alertname", "cause"))
        for name in re.split(r"[=~\"|]+", each)[1:]
        if name.strip()
    ]

    assert len(named) > 30
    assert {name.strip() for name in named} <= ALERTS.keys()
    jobs = {each for each in matchers if each.startswith("job")}
    assert set(re.findall(r"[a-z]+", "".join(jobs))) - {"job"} <= set(SERVICES)


@pytest.mark.parametrize("cause", ["KafkaDown", "MongoDown"])
def test_what_is_down_silences_its_consequences_and_not_itself(cause):
    [rule] = [
        each
        for each in read_yaml(CONFIGURATION)["inhibit_rules"]
        if each["source_matchers"] == [f'alertname="{cause}"']
    ]
    [silent] = rule["target_matchers"]

    assert "ServiceWaits" in silent
    assert "RetryStorm" in silent
    assert cause not in silent
    assert "equal" not in rule  # whatever service they are about


def test_compose_runs_it_with_the_same_files():
    parts = compose_file()["services"]

    assert "./deploy/alertmanager:/etc/alertmanager:ro" in parts["alertmanager"]["volumes"]
    assert "alertmanager:9093" in (PROMETHEUS / "prometheus.yml").read_text()
