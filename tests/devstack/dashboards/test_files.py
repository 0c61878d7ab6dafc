"""The dashboards in deploy/grafana as Grafana reads them."""

import json
import re
from typing import Any

import pytest
import yaml

from devstack.dashboards import __main__ as command
from devstack.dashboards.asking import Window, panels_of
from devstack.dashboards.model import DATASOURCE, SCRAPE_SECONDS
from devstack.stack.program import PROJECT

GRAFANA = PROJECT / "deploy" / "grafana"
FILES = {path.stem: json.loads(path.read_text()) for path in command.FOLDER.glob("*.json")}
SOURCE = {"type": "prometheus", "uid": DATASOURCE}
COLUMNS = 24
every_dashboard = pytest.mark.parametrize("dashboard", FILES.values(), ids=FILES)


def panels(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def targets(dashboard):
    return [target for panel in panels_of(dashboard) for target in panel["targets"]]


def provisioned(name: str) -> Any:
    [file] = (GRAFANA / "provisioning" / name).iterdir()
    return yaml.safe_load(file.read_text())


def test_the_files_are_up_to_date():
    written = {path.name: path.read_text() for path in command.FOLDER.iterdir()}

    assert written == command.files(), "Run `python -m devstack.dashboards`."


def test_a_file_of_a_dashboard_that_is_gone_is_removed(tmp_path):
    (tmp_path / "cppp-gone.json").write_text("{}")
    (tmp_path / "own.json").write_text("{}")

    command.write(tmp_path, "https://operations.example")

    assert {path.name for path in tmp_path.iterdir()} == {"own.json", *command.files()}
    assert "https://operations.example" in (tmp_path / "cppp-overview.json").read_text()
    assert command.OPERATIONS not in (tmp_path / "cppp-overview.json").read_text()


def test_the_data_source_is_the_one_of_every_dashboard():
    [source] = provisioned("datasources")["datasources"]
    scrapes = yaml.safe_load((PROJECT / "deploy/prometheus/prometheus.yml").read_text())["global"]

    assert {"type": source["type"], "uid": source["uid"]} == SOURCE
    assert source["jsonData"]["timeInterval"] == scrapes["scrape_interval"] == f"{SCRAPE_SECONDS}s"


def test_what_is_changed_in_a_browser_does_not_replace_the_files():
    [provider] = provisioned("dashboards")["providers"]

    assert provider["allowUiUpdates"] is False
    assert not [name for name, each in FILES.items() if each["editable"]]


@every_dashboard
def test_a_dashboard_is_called_as_its_file_and_each_panel_has_an_id_and_a_name(dashboard):
    assert FILES[dashboard["uid"]] is dashboard
    for named in (
        [panel["id"] for panel in dashboard["panels"]],
        [panel["title"] for panel in panels(dashboard)],
    ):
        assert len(named) == len(set(named)), named


@every_dashboard
def test_a_dashboard_links_to_all_others_and_to_the_page_of_operations(dashboard):
    urls = [link["url"] for link in dashboard["links"]]

    assert {f"/d/{uid}" for uid in FILES} - {*urls} == {f"/d/{dashboard['uid']}"}
    assert {"${operations}/", "${operations}/runbooks/README.md"} < {*urls}


@every_dashboard
def test_no_panel_overlaps_another_or_leaves_a_gap(dashboard):
    taken = [
        (x, y)
        for at in (panel["gridPos"] for panel in dashboard["panels"])
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]

    assert len(taken) == len(set(taken)) == COLUMNS * (1 + max(y for _, y in taken))


@every_dashboard
def test_a_panel_says_what_is_normal_in_which_unit(dashboard):
    for panel in panels(dashboard):
        assert panel["description"].endswith("."), panel["title"]
    for panel in panels_of(dashboard):
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["noValue"]
        assert panel["datasource"] == SOURCE
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@every_dashboard
def test_a_query_rates_over_what_grafana_chooses_and_is_not_expensive(dashboard):
    for target in targets(dashboard):
        windows = re.findall(r"\[([^\]]+)\]", target["expr"])
        assert {*windows} <= {"$__rate_interval", "$__range", "1h"}, target["expr"]
        assert "$__range" not in target["expr"] or target["instant"]
        assert not re.search(r"\{__name__|\{\s*\}", target["expr"])


def test_every_metric_is_documented_or_recorded():
    documented = (PROJECT / "docs" / "metrics.md").read_text()
    rules = "".join(path.read_text() for path in PROJECT.glob("deploy/prometheus/rules/*.yml"))
    used = {
        name
        for dashboard in FILES.values()
        for target in targets(dashboard)
        for name in re.findall(r"\b(?:(?:cppp|kafka)_\w+|\w+:[\w:]+)", target["expr"])
    }
    known = {*re.findall(r"`(\w+)`", documented), *re.findall(r"record: (\S+)", rules)}

    assert {name for name in used if name not in known and _family(name) not in known} == set()


def _family(name: str) -> str:
    return re.sub("_(bucket|sum|count)$", "", name)


def test_every_link_to_a_runbook_is_to_a_section_that_exists():
    text = "".join(json.dumps(dashboard) for dashboard in FILES.values())
    for page, section in {*re.findall(r"/runbooks/([\w-]+\.md)(?:#([\w-]+))?", text)}:
        runbook = (PROJECT / "docs" / "runbooks" / page).read_text()
        assert not section or f"## {section}\n" in runbook.lower(), f"{page}#{section}"


def test_every_link_to_a_dashboard_is_to_one_that_exists():
    text = "".join(json.dumps(dashboard) for dashboard in FILES.values())

    assert {*re.findall(r"/d/(cppp-\w+)", text)} == {*FILES}


def test_every_dashboard_asks_something():
    assert all(panels_of(dashboard) for dashboard in FILES.values())


@pytest.mark.parametrize(("hours", "rate"), [(0.1, "20s"), (1, "20s"), (6, "95s"), (24, "365s")])
def test_rates_are_over_as_long_as_grafana_would_choose(hours, rate):
    window = Window(0, hours * 3600)

    asked = window.query('rate(a{service=~"$service"}[$__rate_interval]) + increase(a[$__range])')

    assert asked == f'rate(a{{service=~".*"}}[{rate}]) + increase(a[{hours * 3600:.0f}s])'
