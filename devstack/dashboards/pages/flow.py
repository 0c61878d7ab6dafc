"""Business flow: what is submitted, decided and told."""

from typing import Final

from devstack.dashboards.model import Dashboard, Panel, Row
from devstack.dashboards.pages.promql import above_zero, highest, in_range, per_minute, quantiles

_DECIDED: Final = 'from="accepted",to="decided"'
_MAILED: Final = 'from="decided",to="mailed"'


def _count(title: str, description: str, query: str) -> Panel:
    return Panel(title, description, "short", {title: query}, kind="number", width=4, height=4)


FLOW: Final = Dashboard(
    name="flow",
    title="Business flow",
    description="Applications on their way: submitted, decided, told.",
    rows=(
        Row(
            "In the time shown",
            (
                _count(
                    "Accepted",
                    "Applications stored durably. Normal: what you expect of the season; none on a "
                    "working day is an incident at the entrance.",
                    in_range("cppp_applications_accepted_total"),
                ),
                _count(
                    "Amended or withdrawn",
                    "Later versions of applications, each decided anew.",
                    in_range("cppp_applications_changed_total"),
                ),
                _count(
                    "Requests refused",
                    "Requests refused with a problem. Their reasons are below.",
                    in_range("cppp_applications_rejected_total"),
                ),
                _count(
                    "Decided",
                    "Decisions announced, those after a ruling included.",
                    in_range("cppp_decisions_total"),
                ),
                _count(
                    "Mails sent",
                    "Mails that a mail server has accepted: a receipt and an outcome for each "
                    "application.",
                    in_range("cppp_emails_total", where='result="sent"'),
                ),
                _count(
                    "Labels awarded",
                    "Labels announced as awarded. Seasonal: none for months, then many.",
                    in_range("cppp_labels_total", where='fact="awarded"'),
                ),
            ),
        ),
        Row(
            "Submitted",
            (
                Panel(
                    "Applications accepted a minute",
                    "By scheme. Peaks before deadlines are normal.",
                    "short",
                    {"{{scheme}}": per_minute("cppp_applications_accepted_total", "scheme")},
                    kind="stack",
                ),
                Panel(
                    "Requests refused a minute, by reason",
                    "Normal: few, and clients' mistakes such as invalid-application. "
                    "temporarily-unavailable means that MongoDB is down; many of one reason at "
                    "once are a client, or a release of ours, that does something wrong.",
                    "short",
                    {
                        "{{reason}}": above_zero(
                            per_minute("cppp_applications_rejected_total", "reason"), "reason", 8
                        )
                    },
                    kind="stack",
                    runbook="promises.md#intakeerrors",
                ),
                Panel(
                    "Amended and withdrawn a minute",
                    "Normal: a fraction of what is accepted.",
                    "short",
                    {"{{change}}": per_minute("cppp_applications_changed_total", "change")},
                ),
                Panel(
                    "Repeated requests a minute",
                    "Replayed are harmless retries of clients. Mismatch is a client that uses an "
                    "idempotency key twice: tell its maintainers. Conflict is a client that does "
                    "not wait for its answer.",
                    "short",
                    {"{{outcome}}": per_minute("cppp_idempotent_replays_total", "outcome")},
                ),
            ),
        ),
        Row(
            "Decided",
            (
                Panel(
                    "Decisions a minute, by outcome",
                    "The mix changes slowly. A jump from eligible to ineligible or referred at a "
                    "blue mark is a release with other rules.",
                    "short",
                    {"{{outcome}}": per_minute("cppp_decisions_total", "outcome")},
                    kind="stack",
                ),
                Panel(
                    "Most frequent reasons of decisions, a minute",
                    "The ten most frequent ones; docs/rules.md explains each code. One that was "
                    "rare and is now first deserves a look at the rules.",
                    "short",
                    {
                        "{{reason_code}}": above_zero(
                            per_minute("cppp_decision_reasons_total", "reason_code"),
                            "reason_code",
                            10,
                        )
                    },
                ),
                Panel(
                    "Time from acceptance to decision",
                    "Promised: 95 % within 5 s, 99 % within 60 s. Half of them take a fraction of "
                    "a second. If it rises, open Lag.",
                    "s",
                    quantiles("cppp_end_to_end_seconds", _DECIDED),
                    levels={5: "orange", 60: "red"},
                    runbook="promises.md#decisionslate",
                ),
                Panel(
                    "Time from decision to mail",
                    "Promised: 95 % within 10 s. If it rises, open Mail.",
                    "s",
                    quantiles("cppp_end_to_end_seconds", _MAILED),
                    levels={10: "orange"},
                    runbook="promises.md#mailslate",
                ),
            ),
        ),
        Row(
            "Told",
            (
                Panel(
                    "Notifications ended a minute, by state",
                    "Normal: sent. stopped and erased follow withdrawals and erasures; "
                    "permanent-failure is an address that refuses.",
                    "short",
                    {
                        "{{state}}": above_zero(
                            per_minute("cppp_notifications_ended_total", "state"), "state"
                        )
                    },
                    kind="stack",
                    runbook="mails.md",
                ),
                Panel(
                    "Orphans",
                    "Versions that wait too long for a stage. Normal: 0. They do not go away by "
                    "themselves.",
                    "short",
                    {"not {{stage}}": highest("cppp_orphans", "stage")},
                    levels={1: "red"},
                    runbook="orphans.md",
                ),
            ),
        ),
    ),
)
