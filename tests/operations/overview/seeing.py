"""What the service could have seen."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from services.operations.overview.building import Seeing, build_overview
from services.operations.overview.model import Overview
from services.operations.sources.alerts import Alerts
from services.operations.sources.figures import Figures
from services.operations.sources.history import History
from services.operations.sources.lag import GroupLag, LagSeen
from services.operations.sources.services import Seen
from services.operations.sources.targets import Target, Targets
from tests.factories import NOW


def ready(service: str, **figures: Any) -> Seen:
    return Seen(
        Target(service, f"{service}:80"), "ready", figures=Figures(**figures), answered_at=NOW
    )


def waiting(service: str, *checks: str) -> Seen:
    return Seen(Target(service, f"{service}:80"), "waiting", checks, answered_at=NOW)


def away(service: str) -> Seen:
    since = NOW - timedelta(seconds=90)
    target = Target(service, f"{service}:80")
    return Seen(target, away_since=since, away_because="no connection", answered_at=since)


def lag(**groups: GroupLag) -> LagSeen:
    return LagSeen(groups, NOW.timestamp())


def overview(
    *services: Seen, letters: Any = None, letters_counted_at: datetime | None = NOW, **look: Any
) -> Overview:
    seen: Any = SimpleNamespace(
        targets=Targets([each.target for each in services]),
        alerts=Alerts("answers", NOW, is_watched=True),
        history=History(5),
        objectives=(),
        lag=LagSeen(),
        started_at=NOW,
        looked_at=NOW,
        services=services,
    )
    vars(seen).update(look)
    return build_overview(Seeing(seen, letters or {}, letters_counted_at, 0.0), NOW)
