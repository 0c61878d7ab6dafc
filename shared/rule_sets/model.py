"""A rule set as it is published: its terms, the reasons that it gives, and their sources."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

import orjson

from shared.decisions.rule_file import Rules
from shared.events.envelope import Outgoing, Reason, SubjectIdentity, Topic
from shared.events.rule_sets import LeadsTo, RuleReason, RuleSetPublished
from shared.rule_sets.sources import sources_in, sources_named


@dataclass(frozen=True)
class RuleSet:
    """The rules that a service has started with, and the event that publishes them.

    The event has the fields of the rule file, under their names.
    """

    event: type[RuleSetPublished]
    topic: Topic
    rules: Rules
    reasons: tuple[RuleReason, ...]

    @property
    def version(self) -> str:
        """The rule version that decisions name."""
        return self.rules.version

    @cached_property
    def stated_hash(self) -> str:
        """Identifies what the rule file states, whatever its layout and the release that reads it.

        Parameters that a later release adds with a default do not change it.
        """
        return _hash(_plain(self.rules.model_dump(exclude_unset=True)))

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """The fields of the event but when it took effect, as JSON has them."""
        terms = _plain(self.rules.model_dump(exclude={"version"}))
        reasons = [each.model_dump() for each in self.reasons]
        sources = sources_named(sources_in([terms, *reasons]))
        return {
            "rule_version": self.version,
            "reasons": reasons,
            "sources": [each.model_dump() for each in sources],
            **terms,
        }

    @cached_property
    def content_hash(self) -> str:
        """Identifies the content of the event."""
        return _hash(self.content)

    def published(self, in_force_from: datetime) -> Outgoing:
        """Build the event; the same time always gives the same bytes."""
        since = in_force_from.isoformat()
        data = {**self.content, "in_force_from": since}
        event = self.event.model_validate_json(orjson.dumps(data), extra="forbid")
        key = f"{self.version}@{since}"
        identity = SubjectIdentity(self.event.__name__, self.version, key, in_force_from)
        return identity.record(self.topic, event.model_dump_json().encode())


def rule_reasons(
    reasons: Iterable[Reason], refusals: Collection[str], referrals: Collection[str]
) -> tuple[RuleReason, ...]:
    """Return the reasons of a catalogue, each with what it leads to."""

    def leads_to(code: str) -> LeadsTo:
        if code in refusals:
            return "refusal"
        return "referral" if code in referrals else "explanation"

    return tuple(
        RuleReason(
            code=each.code,
            leads_to=leads_to(each.code),
            source=each.source,
            en=each.en,
            zh_hant=each.zh_hant,
            zh_hans=each.zh_hans,
        )
        for each in reasons
    )


def _plain(value: Any) -> Any:
    """Return data as JSON has them; what has no order is sorted, so that it is always the same."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _hash(content: Any) -> str:
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
