"""Objectives: what is promised, what is left of each budget, and how fast it is spent."""

from math import inf
from typing import Final

from devstack.dashboards.model import Dashboard, Panel, Row


def _burn(window: str) -> str:
    return f"objective:bad_events:ratio_rate{window} / on (objective) (1 - objective:target:ratio)"


OBJECTIVES: Final = Dashboard(
    name="objectives",
    title="Objectives",
    description="What is promised (docs/slo.md), what is left of it, and how fast it is spent.",
    rows=(
        Row(
            "Thirty days",
            (
                Panel(
                    "Error budget left",
                    "1 is the whole budget of 30 days. Below a quarter: hold back risky releases. "
                    "Below 0 the objective is missed: hold back all but what mends it.",
                    "percentunit",
                    {"{{objective}}": "objective:budget_left:ratio30d"},
                    kind="number",
                    width=24,
                    height=5,
                    levels={-inf: "red", 0: "orange", 0.25: "green"},
                    without_data="nothing counted yet",
                    runbook="promises.md#errorbudgetspent",
                ),
                Panel(
                    "Good events of 30 days",
                    "Share of requests, decisions and mails that were as promised. The dashed "
                    "lines are the targets.",
                    "percentunit",
                    {
                        "{{objective}}": "1 - objective:bad_events:ratio_rate30d",
                        "{{objective}}: target": "objective:target:ratio",
                    },
                    axis_from=0.94,
                    without_data="nothing counted yet",
                ),
                Panel(
                    "Error budget left, over time",
                    "A slope is steady loss, a step an incident. It rises when an incident is "
                    "older than 30 days.",
                    "percentunit",
                    {"{{objective}}": "objective:budget_left:ratio30d"},
                    levels={-inf: "red", 0: "orange", 0.25: "green"},
                    without_data="nothing counted yet",
                ),
            ),
        ),
        Row(
            "How fast the budget is spent",
            (
                Panel(
                    "Burn rate of an hour",
                    "1 spends exactly the budget in 30 days. From 14.4 on a page follows, if the "
                    "last five minutes agree: two days would spend it all.",
                    "short",
                    {"{{objective}}": _burn("1h")},
                    levels={6: "orange", 14.4: "red"},
                    runbook="promises.md",
                ),
                Panel(
                    "Burn rate of five minutes",
                    "Whether it goes on: after an incident this falls first.",
                    "short",
                    {"{{objective}}": _burn("5m")},
                    levels={6: "orange", 14.4: "red"},
                    runbook="promises.md",
                ),
                Panel(
                    "Burn rate of six hours",
                    "From 6 on a page follows, if the last half hour agrees.",
                    "short",
                    {"{{objective}}": _burn("6h")},
                    levels={1: "orange", 6: "red"},
                    runbook="promises.md",
                ),
                Panel(
                    "Burn rate of three days",
                    "Above 1 a ticket follows: slow loss that no page tells.",
                    "short",
                    {"{{objective}}": _burn("3d")},
                    levels={1: "orange"},
                    runbook="promises.md",
                ),
            ),
        ),
        Row(
            "As in the last weeks",
            (
                Panel(
                    "Events of the last hour",
                    "Applications accepted, decisions, mails sent. Compare with the median beside "
                    "it.",
                    "short",
                    {"{{flow}}": "flow:events:increase1h"},
                    runbook="promises.md#flowanomaly",
                ),
                Panel(
                    "Last hour, of the median of the same hour in four weeks",
                    "1 is as usual. Below 0.1 an alert follows if the median is at least ten: is "
                    "the entrance open? Above 1 before a deadline is normal.",
                    "percentunit",
                    {"{{flow}}": "flow:events:increase1h / (flow:events:median4w_increase1h > 0)"},
                    without_data="less than three weeks of history",
                    runbook="promises.md#flowanomaly",
                ),
            ),
        ),
    ),
)
