"""Retries, dead letters and what waits to be published."""

from typing import Final

from devstack.dashboards.model import Dashboard, Panel, Row, Variable
from devstack.dashboards.pages.promql import above_zero, highest, in_range, per_minute

_SERVICE: Final = 'service=~"$service"'
_GROUP: Final = 'group=~"$service"'
_PARKED: Final = highest("cppp_dlq_parked", "group", "reason", where=_GROUP)

RETRIES: Final = Dashboard(
    name="retries",
    title="Retries and dead letters",
    description="What waits for a dependency, and what can never be handled.",
    variables=(Variable("service", "cppp_build_info"),),
    rows=(
        Row(
            "What waits for a dependency",
            (
                Panel(
                    "Waits for",
                    "Normal: ready everywhere. A dependency for which a service waits must be "
                    "repaired; the service then goes on by itself. Overview names the services.",
                    "short",
                    {"{{check}}": highest("cppp_waiting_for", "check", where=_SERVICE)},
                    kind="states",
                    meanings={0: ("ready", "green"), 1: ("waits", "red")},
                    runbook="services.md#servicewaits",
                ),
                Panel(
                    "Calls repeated a minute, by error",
                    "Normal: 0, a few at a start. The error names the dependency: "
                    "KafkaConnectionError, ServerSelectionTimeoutError (MongoDB) and the like.",
                    "short",
                    {
                        "{{service}} {{error_class}}": above_zero(
                            per_minute(
                                "cppp_retries_total", "service", "error_class", where=_SERVICE
                            ),
                            "service",
                        )
                    },
                    runbook="infrastructure.md#retrystorm",
                ),
                Panel(
                    "Publications not confirmed, a minute",
                    "Normal: 0. Kafka has not confirmed them; each is repeated.",
                    "short",
                    {
                        "{{service}}": per_minute(
                            "cppp_publish_failures_total", "service", where=_SERVICE
                        )
                    },
                    runbook="infrastructure.md#publisherrors",
                ),
                Panel(
                    "Commits that failed, a minute",
                    "Normal: 0, a few while a group rebalances. Their records are delivered again, "
                    "which changes nothing.",
                    "short",
                    {
                        "{{service}}": per_minute(
                            "cppp_commit_failures_total", "service", where=_SERVICE
                        )
                    },
                    runbook="infrastructure.md#commiterrors",
                ),
                Panel(
                    "Facts not published yet",
                    "Stored documents whose events are not in Kafka yet. Normal: 0, tens under "
                    "load. Grows while Kafka is down, and falls by itself.",
                    "short",
                    {"{{service}}": highest("cppp_outbox_pending", "service", where=_SERVICE)},
                    runbook="services.md#outboxstuck",
                ),
                Panel(
                    "Age of the oldest fact not published",
                    "Normal: a few seconds; amendments take the longest.",
                    "s",
                    {
                        "{{service}}": highest(
                            "cppp_outbox_oldest_age_seconds", "service", where=_SERVICE
                        )
                    },
                    levels={10: "orange", 120: "red"},
                    runbook="services.md#outboxstuck",
                ),
            ),
        ),
        Row(
            "Dead letters",
            (
                Panel(
                    "Open dead letters, by group and reason",
                    "That nobody has redriven or parked. Normal: 0. `cppp dead-letters list` shows "
                    "them.",
                    "short",
                    {
                        "{{group}} {{reason}}": above_zero(
                            highest("cppp_dlq_depth", "group", "reason", where=_GROUP), "group"
                        )
                    },
                    kind="stack",
                    runbook="dead-letters.md",
                ),
                Panel(
                    "Age of the oldest open dead letter",
                    "Normal: 0. After four hours a ticket follows: somebody's application waits.",
                    "s",
                    {
                        "{{group}} {{reason}}": above_zero(
                            highest("cppp_dlq_oldest_age_seconds", "group", "reason", where=_GROUP),
                            "group",
                        )
                    },
                    levels={14400: "red"},
                    runbook="dead-letters.md#deadlettersold",
                ),
                Panel(
                    "New dead letters a minute",
                    "Normal: 0. Many at once are a faulty release, of this service or of one that "
                    "it reads: roll it back.",
                    "short",
                    {
                        "{{service}} {{topic}}": above_zero(
                            per_minute(
                                "cppp_dlq_messages_total", "service", "topic", where=_SERVICE
                            ),
                            "service",
                        )
                    },
                    kind="stack",
                    runbook="dead-letters.md#deadletterburst",
                ),
                Panel(
                    "Redriven records handled a minute",
                    "Records that came back from the dead-letter topic. If new dead letters "
                    "follow, the cause is not fixed.",
                    "short",
                    {
                        "{{service}}": per_minute(
                            "cppp_dlq_redriven_total", "service", where=_SERVICE
                        )
                    },
                ),
                Panel(
                    "Dead letters in the time shown",
                    "By the topic that the record came from, and why it could not be handled.",
                    "short",
                    {
                        "": in_range(
                            "cppp_dlq_messages_total",
                            "service",
                            "topic",
                            "error_class",
                            where=_SERVICE,
                        )
                    },
                    kind="table",
                    columns={
                        "service": "Service",
                        "topic": "Topic",
                        "error_class": "Reason",
                        "Value": "Records",
                    },
                    runbook="dead-letters.md",
                ),
                Panel(
                    "Parked dead letters",
                    "Set aside for good, with a reason. Never falls.",
                    "short",
                    {"{{group}}": f"sum by (group) ({_PARKED})"},
                    runbook="dead-letters.md",
                ),
            ),
        ),
    ),
)
