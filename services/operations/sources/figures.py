"""The few figures of a service's metrics page that the overview needs. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

_STEPS: Final = {
    "cppp_applications_accepted_total": "accepted",
    "cppp_decisions_total": "decided",
    "cppp_notifications_ended_total": "mailed",
}
_END_TO_END: Final = "cppp_end_to_end_seconds"
PROMISED_SECONDS: Final = {"decided": "5.0", "mailed": "10.0"}
"""Within how long 95 % of applications are decided, and of mails sent (docs/reliability.md)."""

_INFO: Final = {"cppp_build_info": "version", "cppp_rules_info": "rule_version"}
_NAMES: Final = (
    *_STEPS,
    *_INFO,
    f"{_END_TO_END}_bucket",
    f"{_END_TO_END}_count",
    "cppp_orphans",
)
_ORPHANS: Final = "cppp_orphans"
_ORPHANS_AT: Final = "cppp_orphans_counted_timestamp_seconds"


@dataclass(slots=True)
class Figures:
    """Of one process: running totals, versions, and orphans by stage if it counts them."""

    totals: dict[str, float] = field(default_factory=dict)
    version: str = ""
    rules: str = ""
    orphans: dict[str, int] = field(default_factory=dict)
    orphans_at: float = 0.0

    def with_orphans_of(self, before: "Figures") -> "Figures":
        """Return these figures, with the last count if there is no newer one since a restart."""
        if self.orphans_at:
            return self
        return replace(self, orphans=before.orphans, orphans_at=before.orphans_at)


def parse_figures(page: str) -> Figures:
    """Parse a page in Prometheus' text format. Raises `ValueError` if it is none."""
    wanted = "".join(f"{line}\n" for line in page.splitlines() if line.startswith(_NAMES))
    return _figures(text_string_to_metric_families(wanted))


def _figures(families: Iterable[Metric]) -> Figures:
    figures, totals = Figures(), defaultdict[str, float](float)
    for family in families:
        for sample in family.samples:
            _take(figures, totals, sample.name, sample.labels, sample.value)
    if figures.rules:
        totals["decided"] += 0  # its series begin with the first decision
    figures.totals = dict(totals)
    return figures


def _take(
    figures: Figures,
    totals: dict[str, float],
    name: str,
    labels: Mapping[str, str],
    value: float,
) -> None:
    if name in _STEPS:
        # Notifications may also end unsent.
        totals[_STEPS[name]] += value if labels.get("state", "sent") == "sent" else 0
    elif name.startswith(_END_TO_END):
        _take_time(totals, name, labels, value)
    elif name == "cppp_build_info":
        figures.version = labels.get("version", "")
    elif name == "cppp_rules_info":
        figures.rules = labels.get("rule_version", "")
    else:
        _take_orphans(figures, name, labels, value)


def _take_time(
    totals: dict[str, float], name: str, labels: Mapping[str, str], value: float
) -> None:
    step = labels.get("to", "")
    if name.endswith("_count"):
        totals[f"timed:{step}"] += value
    elif labels.get("le") == PROMISED_SECONDS.get(step):
        totals[f"on_time:{step}"] += value


def _take_orphans(figures: Figures, name: str, labels: Mapping[str, str], value: float) -> None:
    if name == _ORPHANS:
        figures.orphans[labels.get("stage", "")] = int(value)
    elif name == _ORPHANS_AT:
        figures.orphans_at = value
