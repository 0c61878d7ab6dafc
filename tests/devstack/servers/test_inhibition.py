"""While a cause is told of, its consequences are silent: a real Alertmanager and its mails."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from devstack.servers.mail_sink import mail_sink
from devstack.servers.monitoring import DEPLOY, monitoring
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack
from tests.deploy.repository import PROMETHEUS, read_yaml
from tests.devstack.servers.alerts import mails, short_times
from tests.waiting import eventually

pytestmark = [pytest.mark.plays, pytest.mark.timeout(120)]

RULES = read_yaml(DEPLOY / "alertmanager" / "alertmanager.yml")["inhibit_rules"]
# With the labels that the rules give them, as promtool has proven.
LABELS = {
    case["alertname"]: alert["exp_labels"]
    for path in (PROMETHEUS / "tests").glob("*.yml")
    for test in read_yaml(path)["tests"]
    for case in test["alert_rule_test"]
    for alert in case.get("exp_alerts", ())
}
ONE_SERVICE = {"job": "eligibility", "service": "eligibility", "group": "eligibility"}
LAST = "SomethingElse"  # about which no rule says anything


@pytest.fixture(scope="module")
def mail_stack(tmp_path_factory):
    """A mail sink for all tests of this module."""
    folder = StackFolder(tmp_path_factory.mktemp("inhibition"))
    ports = free_ports(["mail", "alertmanager", "prometheus"])
    with Stack(folder, ports, [mail_sink(folder.maildir, ports)]) as stack:
        yield stack


@pytest.fixture
def folder(mail_stack):
    """The folder with the mails of this test."""
    yield mail_stack.folder
    for each in mail_stack.folder.maildir.glob("[nc]??/*"):
        each.unlink()


@pytest.fixture
def alertmanager(mail_stack, folder, tmp_path):
    """The URL of a new Alertmanager that mails into the folder's sink."""
    deploy = short_times(DEPLOY, tmp_path / "deploy")
    [alertmanager, _prometheus] = monitoring(folder, mail_stack.ports, deploy)
    mail_stack.add_program(alertmanager)
    yield f"http://127.0.0.1:{mail_stack.ports['alertmanager']}/api/v2/alerts"
    mail_stack.remove_programs(alertmanager.name)
    shutil.rmtree(folder.data / alertmanager.name)


def matched(matchers: list[str]) -> dict[str, list[str]]:
    """Return the values that each label may have."""
    pairs = [re.fullmatch(r'(\w+)=~?"([^"]+)"', each.strip()) for each in matchers]
    return {each[1]: each[2].split("|") for each in pairs if each}


def an_alert(name: str, **labels: str) -> dict[str, Any]:
    """Build an alert with the labels of its rule, about one service."""
    own = LABELS.get(name, {"severity": "ticket"})
    of_service = {each: value for each, value in ONE_SERVICE.items() if each in own}
    return {
        "labels": {"alertname": name, **own, **of_service, **labels},
        "annotations": {"summary": f"{name}."},
    }


def ended(alert: dict[str, Any]) -> dict[str, Any]:
    return {**alert, "endsAt": datetime.now(UTC).isoformat()}


def targets(rule: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Build every alert that a rule silences."""
    target = matched(rule["target_matchers"])
    names = target.pop("alertname")
    for each in names:
        yield an_alert(each, **{label: values[0] for label, values in target.items()})


def told_of(alerts: list[dict[str, Any]]) -> set[str]:
    """Return the names of those that none of the others silences."""
    return {
        target["labels"]["alertname"]
        for target in alerts
        if not any(silences(rule, source, target) for rule in RULES for source in alerts)
    }


def silences(rule: dict[str, Any], source: dict[str, Any], target: dict[str, Any]) -> bool:
    return (
        fits(rule["source_matchers"], source)
        and fits(rule["target_matchers"], target)
        and all(source["labels"].get(e) == target["labels"].get(e) for e in rule.get("equal", ()))
    )


def fits(matchers: list[str], alert: dict[str, Any]) -> bool:
    wanted = matched(matchers).items()
    return all(alert["labels"].get(label) in values for label, values in wanted)


def told(folder) -> set[str]:
    """Return the names of the alerts of which a mail says that they fire."""
    subjects = [str(each["Subject"]) for each in mails(folder)]
    return {each.split()[1] for each in subjects if not each.startswith("Resolved")}


@pytest.mark.parametrize("rule", RULES, ids=range(len(RULES)))
def test_a_cause_silences_its_consequences_until_it_ends(alertmanager, folder, rule):
    source = {label: values[0] for label, values in matched(rule["source_matchers"]).items()}
    name = source.pop("alertname")
    cause, consequences = an_alert(name, **source), list(targets(rule))
    of_cause = {name} if LABELS[name]["severity"] != "none" else set()

    httpx.post(alertmanager, json=[cause]).raise_for_status()
    httpx.post(alertmanager, json=[*consequences, an_alert(LAST)]).raise_for_status()
    eventually(lambda: told(folder) >= {LAST} | of_cause)
    assert told(folder) == {LAST} | of_cause

    httpx.post(alertmanager, json=[ended(cause)]).raise_for_status()
    eventually(lambda: told(folder) == {LAST} | told_of(consequences) | of_cause)


def test_a_service_that_is_gone_silences_nothing_about_another_one(alertmanager, folder):
    other = an_alert("ConsumerStuck", job="notify", service="notify")

    httpx.post(alertmanager, json=[an_alert("ConsumerGone"), other]).raise_for_status()

    eventually(lambda: told(folder) == {"ConsumerGone", "ConsumerStuck"})


@pytest.mark.parametrize(
    ("cause", "name"),
    [
        ({"alertname": "KafkaDown"}, "DeadLettersNotCounted"),
        ({"alertname": "ConsumerGone", "job": "operations"}, "DeadLettersNotCounted"),
        ({"alertname": "ConsumerGone", "job": "reconciliation"}, "OrphansNotCounted"),
    ],
)
def test_that_nothing_is_counted_is_silent_while_it_is_told_why(alertmanager, folder, cause, name):
    counts = {"labels": {"alertname": name, **LABELS[name]}}

    httpx.post(alertmanager, json=[{"labels": {**cause, "severity": "page"}}]).raise_for_status()
    httpx.post(alertmanager, json=[counts, an_alert(LAST)]).raise_for_status()

    eventually(lambda: told(folder) >= {LAST, cause["alertname"]})
    assert name not in told(folder)


def test_a_reader_that_was_away_explains_no_late_decision(alertmanager, folder):
    away = an_alert("OutageRecently", cause="ConsumerGone", job="reconciliation")

    httpx.post(alertmanager, json=[away, an_alert("DecisionsLate")]).raise_for_status()

    eventually(lambda: told(folder) == {"DecisionsLate"})


def test_what_fails_together_is_one_mail_for_each_service(alertmanager, folder):
    instances = [an_alert("ConsumerStuck", instance=each) for each in ("a", "b", "c")]
    other = an_alert("ConsumerStuck", job="notify", service="notify")

    httpx.post(alertmanager, json=[*instances, other]).raise_for_status()
    eventually(lambda: len(list(mails(folder))) == 2)

    subjects = {str(each["Subject"]) for each in mails(folder)}
    assert subjects == {"Page: ConsumerStuck of eligibility", "Page: ConsumerStuck of notify"}
