"""Versions, rules and processes."""

from typing import Final

from devstack.dashboards.model import Dashboard, Panel, Row, Variable
from devstack.dashboards.pages.promql import highest

_JOB: Final = 'job=~"$job"'

VERSIONS: Final = Dashboard(
    name="versions",
    title="Versions and processes",
    description="What runs, since when, and how much it uses.",
    variables=(Variable("job", "up"),),
    rows=(
        Row(
            "What runs",
            (
                Panel(
                    "Version of each service",
                    "Normal: one version of each service, two during a rolling release. The blue "
                    "marks in all drawings are new versions.",
                    "short",
                    {"": f"count by (service, version) (cppp_build_info{{{_JOB}}})"},
                    kind="table",
                    columns={"service": "Service", "version": "Version", "Value": "Processes"},
                ),
                Panel(
                    "Rules in force",
                    "The version of the rules by which each service decides. Two at a time only "
                    "during a rolling release.",
                    "short",
                    {"": f"count by (service, rule_version) (cppp_rules_info{{{_JOB}}})"},
                    kind="table",
                    columns={
                        "service": "Service",
                        "rule_version": "Rule version",
                        "Value": "Processes",
                    },
                ),
                Panel(
                    "Processes that answer",
                    "By service. Normal: as many as you run.",
                    "short",
                    {"{{job}}": f"sum by (job) (up{{{_JOB}}})"},
                    runbook="services.md#consumergone",
                ),
                Panel(
                    "Running for",
                    "Time since each process started. A line that keeps falling to 0 is a process "
                    "that is started again and again: read the end of its log.",
                    "s",
                    {"{{job}} {{instance}}": f"time() - process_start_time_seconds{{{_JOB}}}"},
                ),
            ),
        ),
        Row(
            "What it uses",
            (
                Panel(
                    "Processor",
                    "Share of one core. A service's process uses at most one: near 100 % start "
                    "another.",
                    "percentunit",
                    {
                        "{{job}} {{instance}}": "rate(process_cpu_seconds_total"
                        f"{{{_JOB}}}[$__rate_interval])"
                    },
                    levels={0.8: "orange", 0.95: "red"},
                ),
                Panel(
                    "Memory",
                    "Resident. Normal: level after the first minutes. A line that only rises is a "
                    "leak.",
                    "bytes",
                    {"{{job}} {{instance}}": f"process_resident_memory_bytes{{{_JOB}}}"},
                ),
                Panel(
                    "Open files and connections",
                    "Share of what the process may open. Normal: below 10 %.",
                    "percentunit",
                    {
                        "{{job}} {{instance}}": f"process_open_fds{{{_JOB}}} "
                        f"/ process_max_fds{{{_JOB}}}"
                    },
                    levels={0.5: "orange", 0.8: "red"},
                ),
                Panel(
                    "Time of a scrape",
                    "How long each process takes to answer Prometheus. Normal: below 0.1 s. Long: "
                    "it is busy, and everything else in it waits as well.",
                    "s",
                    {"{{job}}": highest("scrape_duration_seconds", "job", where=_JOB)},
                    levels={1: "orange", 4: "red"},
                ),
            ),
        ),
    ),
)
