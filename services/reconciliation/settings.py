"""Settings of this service alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.reconciliation.rules import Stage
from shared.settings import Settings

SERVICE: Final = "reconciliation"

Minutes = Annotated[float, Field(gt=0, le=60 * 24 * 366)]


class ReconciliationSettings(Settings):
    """How long each stage may take, and how often orphans are counted."""

    model_config = SettingsConfigDict(env_prefix="RECONCILIATION_")

    decided_within_minutes: Minutes = 10
    notified_within_minutes: Minutes = 10
    sweep_seconds: Annotated[float, Field(gt=0, le=3600)] = 15

    def latest(self, now: datetime) -> Mapping[Stage, datetime]:
        """Return by stage the latest time at which a now overdue expectation was noticed."""
        return {
            "decided": now - timedelta(minutes=self.decided_within_minutes),
            "notified": now - timedelta(minutes=self.notified_within_minutes),
        }
