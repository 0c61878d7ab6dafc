"""The start: is anything wrong, and where to look next."""

from typing import Final

from devstack.dashboards.model import Dashboard, Panel, Row
from devstack.dashboards.pages.promql import highest, per_minute, per_second, within

_PROCESSES: Final = 'job!~"prometheus|alertmanager"'
_LAG: Final = (
    "max by (group) (kafka_consumergroup_group_max_lag_seconds)"
    " and on (group) max by (group) (cppp_consumer_group_registered) == 1"
)
_STATE: Final = (
    f"(2 * max by (job) (1 - up{{{_PROCESSES}}}) > 0) or max by (job) (cppp_waiting_for)"
)
_REQUESTS: Final = 'service="intake",route=~"/v1/.*"'
_FAILED: Final = (
    per_second("cppp_http_requests_total", where=f'{_REQUESTS},status=~"5.."')
    + f" / ({per_second('cppp_http_requests_total', where=_REQUESTS)} > 0) or vector(0)"
)
_TICKETS: Final = 'count(ALERTS{alertstate="firing",severity="ticket"}) or vector(0)'
_NEXT: Final = """\
* **An alert fires**: open [what is wrong now](${operations}/): it says what to do first, and links
  the runbook of each alert. [All runbooks](${operations}/runbooks/README.md).
* **Applications are refused, or answers are slow**: [Requests](/d/cppp-requests), then
  [MongoDB](/d/cppp-mongodb).
* **Decisions are late**: [Lag](/d/cppp-lag) names the group and the topic; then
  [Retries and dead letters](/d/cppp-retries).
* **Mails are late or refused**: [Mail](/d/cppp-mail).
* **It began with a release**: [Versions](/d/cppp-versions), and the blue marks in every drawing.
* **Do we keep what is promised**: [Objectives](/d/cppp-objectives).
* **How busy are we, and what is decided**: [Business flow](/d/cppp-flow).
"""

OVERVIEW: Final = Dashboard(
    name="overview",
    title="Overview",
    description="Is anything wrong, since when, and where to look next.",
    rows=(
        Row(
            "Now",
            (
                Panel(
                    "Pages",
                    "Alerts that fire and are for now. Normal: 0. Otherwise read the table of "
                    "alerts below.",
                    "short",
                    {"pages": 'count(ALERTS{alertstate="firing",severity="page"}) or vector(0)'},
                    kind="number",
                    width=3,
                    height=4,
                    levels={1: "red"},
                    runbook="README.md",
                ),
                Panel(
                    "Tickets",
                    "Alerts that fire and can wait until the morning. Normal: 0.",
                    "short",
                    {"tickets": _TICKETS},
                    kind="number",
                    width=3,
                    height=4,
                    levels={1: "orange"},
                    runbook="README.md",
                ),
                Panel(
                    "Processes away",
                    "Processes of services that do not answer Prometheus. Normal: 0. Otherwise "
                    "start them again.",
                    "short",
                    {"away": f"count(up{{{_PROCESSES}}} == 0) or vector(0)"},
                    kind="number",
                    width=3,
                    height=4,
                    levels={1: "red"},
                    runbook="services.md#consumergone",
                ),
                Panel(
                    "Longest lag",
                    "The age of the oldest record that a service has not handled. Normal: below 10 "
                    "s; before a deadline it may grow for minutes and must then shrink. Otherwise "
                    "open Lag.",
                    "s",
                    {"longest": f"max({_LAG})"},
                    kind="number",
                    width=3,
                    height=4,
                    levels={10: "orange", 60: "red"},
                    runbook="operations.md#laggrowing",
                ),
                Panel(
                    "Requests failed",
                    "Share of requests to intake answered with 5xx. Normal: 0; promised is less "
                    "than 0.1 % of a month. Otherwise open Requests.",
                    "percentunit",
                    {"failed": _FAILED},
                    kind="number",
                    width=3,
                    height=4,
                    levels={0.001: "orange", 0.0144: "red"},
                    runbook="promises.md#intakeerrors",
                ),
                Panel(
                    "Dead letters",
                    "Dead letters that nobody has redriven or parked. Normal: 0. Otherwise inspect "
                    "them with `cppp dead-letters list`.",
                    "short",
                    {"open": f"sum({highest('cppp_dlq_depth', 'group', 'reason')})"},
                    kind="number",
                    width=3,
                    height=4,
                    levels={1: "orange", 100: "red"},
                    runbook="dead-letters.md",
                ),
                Panel(
                    "Orphans",
                    "Versions of applications that wait too long for their decision or mail. "
                    "Normal: 0. Otherwise `cppp orphans` names them.",
                    "short",
                    {"overdue": f"sum({highest('cppp_orphans', 'stage')})"},
                    kind="number",
                    width=3,
                    height=4,
                    levels={1: "red"},
                    runbook="orphans.md",
                ),
                Panel(
                    "Oldest unpublished",
                    "Age of the oldest stored fact that is not in Kafka yet. Normal: a few "
                    "seconds at most. It grows while Kafka is down.",
                    "s",
                    {"oldest": "max(cppp_outbox_oldest_age_seconds)"},
                    kind="number",
                    width=3,
                    height=4,
                    levels={10: "orange", 120: "red"},
                    runbook="services.md#outboxstuck",
                ),
            ),
        ),
        Row(
            "What is wrong",
            (
                Panel(
                    "Alerts that fire",
                    "Normal: Watchdog alone, which always fires. Without it, no rule is evaluated. "
                    "The runbooks have a section with the name of each alert.",
                    "short",
                    {
                        "": "max by (severity, alertname, service, group) "
                        '(ALERTS{alertstate="firing",severity=~"page|ticket"} '
                        'or ALERTS{alertname="Watchdog",alertstate="firing"})'
                    },
                    kind="table",
                    columns={
                        "severity": "Severity",
                        "alertname": "Alert",
                        "service": "Service",
                        "group": "Group",
                    },
                    without_data="Prometheus evaluates no rules",
                    runbook="README.md",
                ),
                Panel(
                    "Services",
                    "Normal: all ready. One that waits goes on by itself when the dependency is "
                    "back (Retries names it); one that is away must be started.",
                    "short",
                    {"{{job}}": _STATE},
                    kind="states",
                    meanings={0: ("ready", "green"), 1: ("waits", "orange"), 2: ("away", "red")},
                    runbook="services.md",
                ),
            ),
        ),
        Row(
            "How it goes",
            (
                Panel(
                    "Applications a minute",
                    "The three lines follow each other. Decided below accepted: open Lag. Mailed "
                    "below decided: open Mail; a decision may also await an officer.",
                    "short",
                    {
                        "accepted": per_minute("cppp_applications_accepted_total"),
                        "decided": per_minute("cppp_decisions_total"),
                        "mails sent": per_minute("cppp_emails_total", where='result="sent"'),
                    },
                ),
                Panel(
                    "Lag in seconds",
                    "Age of the oldest record that each group has not handled. Normal: below 10 s. "
                    "A line that rises as fast as the clock is a group that does nothing.",
                    "s",
                    {"{{group}}": _LAG},
                    levels={10: "orange", 60: "red"},
                    runbook="operations.md#laggrowing",
                ),
                Panel(
                    "On time, last hour",
                    "Promised: 99 % decided within a minute of acceptance, 95 % of mails with the "
                    "mail server within ten seconds of the decision. Below that: open Lag, or "
                    "Mail.",
                    "percentunit",
                    {
                        "decided within 60 s": within("60.0", "accepted", "decided", "1h"),
                        "mailed within 10 s": within("10.0", "decided", "mailed", "1h"),
                    },
                    axis_from=0.9,
                    runbook="promises.md",
                ),
                Panel(
                    "Requests a second, by status",
                    "Normal: 2xx, and now and then 4xx, which are the client's. Any 5xx is ours: "
                    "open Requests.",
                    "reqps",
                    {
                        "{{class}}": "sum by (class) (label_replace("
                        'rate(cppp_http_requests_total{route=~"/v1/.*"}[$__rate_interval]), '
                        '"class", "${1}xx", "status", "(.).*"))'
                    },
                    kind="stack",
                ),
            ),
        ),
        Row(
            "Where to look next",
            (
                Panel(
                    "By symptom",
                    "Which dashboard answers which question.",
                    "",
                    {},
                    kind="text",
                    width=24,
                    height=6,
                    content=_NEXT,
                ),
            ),
        ),
    ),
)
