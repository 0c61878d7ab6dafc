"""A service that was there before: what must not change about it while another one joins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from cli.api_docs.catalogue import readers
from tests.kafka import KafkaClient

_AGE = "cppp_event_age_seconds"
_MEMBERS = {"reconciliation": 1}  # of the others that read: CONSUMER_SUBSCRIBERS' default


@dataclass(frozen=True)
class Bystander:
    """A running service and its consumer group, which has the service's name, if it reads."""

    group: str
    process: Any
    kafka: KafkaClient

    @property
    def reads(self) -> bool:
        return self.group in readers()

    @property
    def _expected(self) -> int:
        return _MEMBERS.get(self.group, 3) if self.reads else 0

    def undisturbed(self) -> dict[str, Any]:
        """Return what a restart or a rebalance would change."""
        return {
            "started": psutil.Process(self.process.pid).create_time(),
            "members": {
                each.member_id: sorted(str(part) for part in each.assignment.topic_partitions)
                for each in self._members()
            },
            "rebalances": self._metric("cppp_rebalances_total{"),
        }

    def has_settled(self) -> bool:
        """Return whether its members have joined one by one, and each has its partitions."""
        members = self._members()
        return len(members) == self._expected and all(
            each.assignment.topic_partitions for each in members
        )

    def _members(self) -> Sequence[Any]:
        return self.kafka.members(self.group) if self.reads else ()

    def ages(self) -> tuple[float, float]:
        """Return the sum of the times from an event to its handling, and their number."""
        return self._metric(f"{_AGE}_sum{{"), self._metric(f"{_AGE}_count{{")

    def mean_age(self, since: tuple[float, float]) -> float:
        """Return the mean of these times since `ages` were so."""
        seconds, count = (now - then for now, then in zip(self.ages(), since, strict=True))
        return round(seconds / count, 3) if count else 0.0

    def _metric(self, start: str) -> float:
        lines = httpx.get(f"{self.process.url}/metrics", trust_env=False).text.splitlines()
        return sum(float(each.rpartition(" ")[2]) for each in lines if each.startswith(start))
