"""MongoDB, as the services experience it."""

from typing import Final

from devstack.dashboards.model import Dashboard, Panel, Row, Variable
from devstack.dashboards.pages.promql import above_zero, highest, per_second, quantile, total

_SERVICE: Final = 'service=~"$service"'
_SECONDS: Final = "cppp_mongo_command_duration_seconds"

MONGODB: Final = Dashboard(
    name="mongodb",
    title="MongoDB",
    description="Commands, writes and connections of the services.",
    variables=(Variable("service", f"{_SECONDS}_count"),),
    rows=(
        Row(
            "Does it answer",
            (
                Panel(
                    "Reachable",
                    "Normal: reachable for all. Red for all: MongoDB has no primary. Red for one: "
                    "its network or its password.",
                    "short",
                    {
                        "{{service}}": highest(
                            "cppp_waiting_for", "service", where=f'check="mongodb",{_SERVICE}'
                        )
                    },
                    kind="states",
                    meanings={0: ("reachable", "green"), 1: ("not reachable", "red")},
                    runbook="infrastructure.md#mongodown",
                ),
                Panel(
                    "Time of 95 % of commands, by service",
                    "Normal: below 0.1 s. A ticket follows at 1 s. All services at once: disk, "
                    "memory or load of MongoDB. One service: a query of its own, see by command.",
                    "s",
                    {"{{service}}": quantile(0.95, _SECONDS, "service", where=_SERVICE)},
                    levels={0.25: "orange", 1: "red"},
                    runbook="infrastructure.md#mongoslow",
                ),
                Panel(
                    "Time of 95 % of commands, by command",
                    "Writes wait for the journal of a majority, so insert and update are slower "
                    "than find.",
                    "s",
                    {"{{command}}": quantile(0.95, _SECONDS, "command", where=_SERVICE)},
                    levels={0.25: "orange", 1: "red"},
                    runbook="infrastructure.md#mongoslow",
                ),
                Panel(
                    "Commands a second",
                    "By command. Many finds and few inserts at high load: look-ups are not in "
                    "batches.",
                    "ops",
                    {"{{command}}": per_second(f"{_SECONDS}_count", "command", where=_SERVICE)},
                    kind="stack",
                ),
            ),
        ),
        Row(
            "Documents and connections",
            (
                Panel(
                    "Documents written a second, by result",
                    "duplicate is normal after a restart or a redelivery: the document existed, "
                    "and nothing changed. error is a refusal: read the log of the service.",
                    "short",
                    {
                        "{{op}} {{result}}": above_zero(
                            per_second("cppp_mongo_bulk_ops_total", "op", "result", where=_SERVICE),
                            "op",
                        )
                    },
                    kind="stack",
                ),
                Panel(
                    "Documents not written because of an error, a second",
                    "Normal: 0.",
                    "short",
                    {
                        "{{service}}": per_second(
                            "cppp_mongo_bulk_ops_total",
                            "service",
                            where=f'result="error",{_SERVICE}',
                        )
                    },
                    levels={0.01: "red"},
                ),
                Panel(
                    "Connections open, by service",
                    "Normal: a few per process, at most 100. A saw-tooth is a server or a proxy "
                    "that closes connections.",
                    "short",
                    {"{{service}}": total("cppp_mongo_connections", "service", where=_SERVICE)},
                ),
                Panel(
                    "Waiting for a connection",
                    "Share of time spent waiting for a free connection, all commands together. "
                    "Normal: near 0. Above 1: the pool is too small, or MongoDB answers too "
                    "slowly.",
                    "percentunit",
                    {
                        "{{service}}": per_second(
                            "cppp_mongo_connection_waiting_seconds_total", "service", where=_SERVICE
                        )
                    },
                    levels={1: "orange"},
                    runbook="infrastructure.md#mongoslow",
                ),
            ),
        ),
    ),
)
