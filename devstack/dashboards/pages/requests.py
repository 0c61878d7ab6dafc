"""Requests: rate, errors and duration by route."""

from typing import Final

from devstack.dashboards.model import Dashboard, Panel, Row, Variable
from devstack.dashboards.pages.promql import above_zero, per_second, quantile, total

_SERVICE: Final = 'service=~"$service"'
# Health checks and scrapes would be most of the lines, and hide the others.
_WORK: Final = f'{_SERVICE},route!~"/(metrics|livez|readyz)"'
_REQUESTS: Final = "cppp_http_requests_total"
_SECONDS: Final = "cppp_http_request_duration_seconds"


def _share(status: str) -> str:
    part = per_second(_REQUESTS, "service", "route", where=f'{_WORK},status=~"{status}"')
    return f"{part} / {per_second(_REQUESTS, 'service', 'route', where=_WORK)}"


REQUESTS: Final = Dashboard(
    name="requests",
    title="Requests",
    description="Rate, errors and duration of HTTP requests, by route.",
    variables=(Variable("service", _REQUESTS),),
    rows=(
        Row(
            "Rate",
            (
                Panel(
                    "Requests a second, by route",
                    "Health checks and scrapes are a steady base of less than one a second per "
                    "service. One process of intake was measured up to 4,500 single applications a "
                    "second.",
                    "reqps",
                    {
                        "{{service}} {{route}}": above_zero(
                            per_second(_REQUESTS, "service", "route", where=_WORK), "service", 10
                        )
                    },
                    runbook="promises.md#neartestedpeak",
                ),
                Panel(
                    "Requests a second, by status",
                    "Normal: 2xx. 429 is a client above its limit, 503 a dependency that is away, "
                    "500 a bug.",
                    "reqps",
                    {
                        "{{status}}": above_zero(
                            per_second(_REQUESTS, "status", where=_WORK), "status"
                        )
                    },
                    kind="stack",
                ),
            ),
        ),
        Row(
            "Errors",
            (
                Panel(
                    "Share of requests that we failed (5xx), by route",
                    "Normal: 0. Promised of intake is less than 0.1 % of a month. 503 of /readyz "
                    "is how a service says that it waits.",
                    "percentunit",
                    {"{{service}} {{route}}": above_zero(_share("5.."), "service")},
                    levels={0.001: "orange", 0.0144: "red"},
                    runbook="promises.md#intakeerrors",
                ),
                Panel(
                    "Share of requests that were refused (4xx), by route",
                    "The client's fault; normal is a few per cent. If one route jumps, see the "
                    "reasons in Business flow.",
                    "percentunit",
                    {"{{service}} {{route}}": above_zero(_share("4.."), "service")},
                ),
            ),
        ),
        Row(
            "Duration",
            (
                Panel(
                    "Time of 95 % of requests, by route",
                    "Normal: below 0.1 s. An alert follows at 0.3 s for applications. If it rises, "
                    "compare with MongoDB and with the processor below.",
                    "s",
                    {
                        "{{service}} {{route}}": quantile(
                            0.95, _SECONDS, "service", "route", where=_WORK
                        )
                    },
                    levels={0.3: "orange", 1: "red"},
                    runbook="promises.md#intakeslow",
                ),
                Panel(
                    "Time of half of the requests, by route",
                    "Normal: a few milliseconds. If this stays while 95 % rises, some requests "
                    "wait for something; if both rise, the process is at its limit.",
                    "s",
                    {
                        "{{service}} {{route}}": quantile(
                            0.5, _SECONDS, "service", "route", where=_WORK
                        )
                    },
                ),
            ),
        ),
        Row(
            "Saturation",
            (
                Panel(
                    "Requests being answered",
                    "Normal: a few. A number that only grows is a process that does not answer.",
                    "short",
                    {"{{service}}": total("cppp_inflight", "service", where=_SERVICE)},
                ),
                Panel(
                    "Processor of each process",
                    "Share of one core; a process uses one. Near 100 % it needs another instance "
                    "beside it.",
                    "percentunit",
                    {
                        "{{job}} {{instance}}": "rate(process_cpu_seconds_total"
                        '{job=~"$service"}[$__rate_interval])'
                    },
                    levels={0.8: "orange", 0.95: "red"},
                ),
            ),
        ),
    ),
)
