"""Lag of consumer groups, in seconds and in records."""

from typing import Final

from devstack.dashboards.model import Dashboard, Panel, Row, Variable
from devstack.dashboards.pages.promql import above_zero, highest, mean, per_second, quantile, total

_GROUP: Final = 'group=~"$group"'
_SERVICE: Final = 'service=~"$group"'  # a group has the name of its service

LAG: Final = Dashboard(
    name="lag",
    title="Lag",
    description="How far behind every consumer group is, and whether it catches up.",
    variables=(Variable("group", "kafka_consumergroup_group_sum_lag"),),
    rows=(
        Row(
            "How far behind",
            (
                Panel(
                    "Lag in seconds, by group",
                    "Age of the oldest record that the group has not committed. Normal: below 10 "
                    "s. Growing as fast as the clock: nothing is handled. Falling: it catches up, "
                    "and needs nobody.",
                    "s",
                    {
                        "{{group}}": highest(
                            "kafka_consumergroup_group_max_lag_seconds", "group", where=_GROUP
                        )
                    },
                    levels={10: "orange", 60: "red"},
                    runbook="operations.md#laggrowing",
                ),
                Panel(
                    "Lag in records, by group",
                    "Records that the group has not committed. Normal: a few hundred at most under "
                    "load, 0 at rest. Says how much work waits, not for how long.",
                    "short",
                    {
                        "{{group}}": highest(
                            "kafka_consumergroup_group_sum_lag", "group", where=_GROUP
                        )
                    },
                    runbook="operations.md#laggrowing",
                ),
                Panel(
                    "Lag in seconds, by group and topic",
                    "Where a group is behind on one topic only, a transaction may hold it, or one "
                    "partition has most of the records.",
                    "s",
                    {
                        "{{group}} {{topic}}": above_zero(
                            highest(
                                "kafka_consumergroup_group_topic_max_lag_seconds",
                                "group",
                                "topic",
                                where=_GROUP,
                            ),
                            "group",
                            10,
                        )
                    },
                    levels={10: "orange", 60: "red"},
                ),
                Panel(
                    "Held by an open transaction",
                    "Normal: 0. Above a minute, find and abort the transaction.",
                    "s",
                    {
                        "{{group}} {{topic}}": above_zero(
                            highest(
                                "cppp_held_by_transaction_seconds", "group", "topic", where=_GROUP
                            ),
                            "group",
                        )
                    },
                    levels={60: "red"},
                    runbook="open-transactions.md",
                ),
            ),
        ),
        Row(
            "Does it catch up",
            (
                Panel(
                    "Records written a second, by topic",
                    "What comes in. Compare with what each group commits beside it.",
                    "short",
                    {
                        "{{topic}}": "sum by (topic) (max by (topic, partition) "
                        "(deriv(kafka_partition_latest_offset[$__rate_interval])))"
                    },
                ),
                Panel(
                    "Records committed a second, by group",
                    "A group that lags and commits less than comes in needs instances, up to one "
                    "per partition. One that commits nothing is stuck.",
                    "short",
                    {
                        "{{group}}": "sum by (group) (max by (group, topic, partition) "
                        f"(deriv(kafka_consumergroup_group_offset{{{_GROUP}}}[$__rate_interval])))"
                    },
                    runbook="services.md#consumerstuck",
                ),
                Panel(
                    "Time of 95 % of batches",
                    "From receiving a batch to the confirmation of its effects. Normal: below 0.5 "
                    "s. If it rises, MongoDB or Kafka answers slowly.",
                    "s",
                    {
                        "{{service}}": quantile(
                            0.95, "cppp_batch_duration_seconds", "service", where=_SERVICE
                        )
                    },
                    levels={2.5: "orange"},
                ),
                Panel(
                    "Records per batch",
                    "Mean. Near 1 at rest, hundreds under load: batches are how a group catches "
                    "up.",
                    "short",
                    {"{{service}}": mean("cppp_batch_size", "service", where=_SERVICE)},
                ),
                Panel(
                    "Age of events when handled (95 %)",
                    "Time from an event's own timestamp to the end of its handling. Imported "
                    "rulings are old by nature.",
                    "s",
                    {
                        "{{service}}": quantile(
                            0.95, "cppp_event_age_seconds", "service", where=_SERVICE
                        )
                    },
                ),
                Panel(
                    "Events skipped a second",
                    "Events of types that a service does not read; normal, and cheap.",
                    "short",
                    {
                        "{{service}}": per_second(
                            "cppp_events_skipped_total", "service", where=_SERVICE
                        )
                    },
                ),
            ),
        ),
        Row(
            "Members",
            (
                Panel(
                    "Members of each group",
                    "Normal: as many as instances run. 0: nobody reads for this group.",
                    "short",
                    {"{{group}}": highest("kafka_consumergroup_members", "group", where=_GROUP)},
                    runbook="operations.md#consumergroupempty",
                ),
                Panel(
                    "Partitions assigned to each process",
                    "Normal: spread evenly. A process without any stands by.",
                    "short",
                    {
                        "{{group}} {{instance}}": total(
                            "cppp_consumer_assigned_partitions", "group", "instance", where=_GROUP
                        )
                    },
                ),
                Panel(
                    "Rebalances a minute",
                    "Normal: a few at a start or a release, then none. A group that keeps "
                    "rebalancing stops for a moment each time.",
                    "short",
                    {
                        "{{group}}": "60 * "
                        + per_second("cppp_rebalances_total", "group", where=_GROUP)
                    },
                    runbook="services.md#rebalancestorm",
                ),
                Panel(
                    "Stopped consumers",
                    "Normal: none. One that has stopped did so on purpose and waits for a person: "
                    "/readyz gives the reason, the first error in its log the cause.",
                    "short",
                    {"{{group}}": highest("cppp_consumer_stopped", "group", where=_GROUP)},
                    kind="states",
                    meanings={0: ("consumes", "green"), 1: ("stopped", "red")},
                    runbook="services.md#consumerstopped",
                ),
                Panel(
                    "Age of these figures",
                    "Normal: below 10 s. When it grows, operations cannot ask Kafka, and all lag "
                    "here is old.",
                    "s",
                    {
                        "operations": "time() - "
                        "max(kafka_lag_exporter_last_update_timestamp_seconds)"
                    },
                    levels={60: "red"},
                    runbook="operations.md#lagunknown",
                ),
                Panel(
                    "Seconds since each process completed a batch",
                    "Grows at rest as well. Long while there is lag: the process is stuck.",
                    "s",
                    {
                        "{{group}} {{instance}}": "time() - max by (group, instance) "
                        f"(cppp_last_progress_timestamp_seconds{{{_GROUP}}} > 0)"
                    },
                    runbook="services.md#consumerstuck",
                ),
            ),
        ),
    ),
)
