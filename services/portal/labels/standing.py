"""What the site may say about a label now. Pure."""

from datetime import datetime, timedelta
from typing import Final, Literal

from services.portal.site.labels import Label
from shared.clock import hong_kong_date

Standing = Literal["valid", "expired", "not-yet-valid", "not-confirmed"]
STILL_CURRENT: Final = timedelta(hours=1)


def is_current(as_of: datetime | None, now: datetime) -> bool:
    """Return whether the site knows what was published until a short while ago."""
    return as_of is not None and now - as_of <= STILL_CURRENT


def standing(label: Label, as_of: datetime | None, now: datetime) -> Standing:
    """Return what is said of a label: `valid` only if the site is up to date.

    An expired label stays expired, whatever the site has not read yet.
    """
    status = label.status_on(hong_kong_date(now))
    return "not-confirmed" if status == "valid" and not is_current(as_of, now) else status
