"""What the events that publish a rule set have in common: reasons, sources, working days.

A source is the marks of `sources`, with commas between; or `setting`, for what no source gives.
What the sources leave open is null, and leads to a ruling by a person.
"""

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime

from shared.calendars import Calendar
from shared.events.envelope import EventData
from shared.events.values import Extensible, Line

RULE_VERSION: Final = "rule_version"
"""The field whose value is the key of an event that publishes a rule set."""

LeadsTo = Literal["refusal", "referral", "explanation"]
"""What a reason does to a decision: it refuses, asks for a person, or explains."""


class RuleReason(EventData):
    """A reason that decisions may give, and what it leads to."""

    code: str
    leads_to: Annotated[str, Extensible(LeadsTo)]
    source: str
    en: str
    zh_hant: str
    zh_hans: str


class RuleSource(EventData):
    """A source by the mark that the rules name it with; `url_zh` is its Chinese page, if any."""

    mark: str
    title: str
    url: str
    url_zh: str | None = None


class WorkingDays(EventData):
    """A number of working days, and the calendar that counts them."""

    working_days: int
    calendar: Annotated[str, Extensible(Calendar)]
    source: str


class RuleSetPublished(EventData):
    """A rule set is in force from `in_force_from` on.

    Of all events of its topic the one with the latest `in_force_from` is in force; no two have the
    same. A version that takes effect again, as after a roll-back, is published again.
    """

    rule_version: Line
    in_force_from: AwareDatetime
    reasons: tuple[RuleReason, ...]
    sources: tuple[RuleSource, ...]
