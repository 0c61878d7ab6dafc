"""Compares the outcome of every application with the expected one."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.platform.evidence import Decision, Evidence

MAILS_EACH = 2  # one when it was received, one with the outcome
_EVENTS_EACH = {"ApplicationSubmitted": 1, "ContactRegistered": 1, "NotificationSent": MAILS_EACH}
_DECISION_EVENTS = {"eligibility": "EligibilityDecided", "recognition": "RecognitionDecided"}


@dataclass(frozen=True)
class Expected:
    """The expected decision on one line of the samples; `reasons` are codes in order."""

    line: int
    service: str
    outcome: str
    grant_cents: int | None
    reasons: tuple[str, ...]


def expected_outcomes(file: Path) -> list[Expected]:
    """Read the expected decisions, one line for each application."""
    return [_expected(json.loads(line)) for line in file.read_text().splitlines()]


def complaints(
    expected: Iterable[Expected], accepted: Mapping[int, str], found: Evidence
) -> list[str]:
    """Return a sentence for everything that is missing, duplicated or different.

    `accepted` maps the number of each line to the id of its application.
    """
    expected = list(expected)
    return [
        *_about_decisions(expected, accepted, found.decisions),
        *_about_counts(expected, accepted, found),
        *_about_strays(accepted, found),
    ]


def _expected(line: dict[str, Any]) -> Expected:
    return Expected(**line | {"reasons": tuple(line["reasons"])})


def _about_decisions(
    expected: Iterable[Expected], accepted: Mapping[int, str], decisions: Iterable[Decision]
) -> Iterator[str]:
    made: dict[str, list[Decision]] = {}
    for decision in decisions:
        made.setdefault(decision.application_id, []).append(decision)
    for each in expected:
        wanted = Decision(
            accepted.get(each.line, ""), each.service, each.outcome, each.grant_cents, each.reasons
        )
        yield from _about_decision(each.line, wanted, made.get(wanted.application_id, []))


def _about_decision(line: int, wanted: Decision, made: list[Decision]) -> Iterator[str]:
    if not wanted.application_id:
        yield f"line {line} was not accepted"
    elif len(made) != 1:
        yield f"line {line} has {len(made)} decisions"
    elif made[0] != wanted:
        yield f"line {line}: {_words(made[0])} instead of {_words(wanted)}"


def _words(decision: Decision) -> str:
    grant = "" if decision.grant_cents is None else f", {decision.grant_cents} cents"
    return f"{decision.service} {decision.outcome}{grant} ({', '.join(decision.reasons)})"


def _about_counts(
    expected: Iterable[Expected], accepted: Mapping[int, str], found: Evidence
) -> Iterator[str]:
    """Compare each application's mails, notifications and events; a repeated event counts once."""
    mails = Counter(each.application_id for each in found.mails)
    distinct_mails = Counter(each.application_id for each in set(found.mails))
    sent = Counter(each.application_id for each in found.notifications if each.state == "sent")
    events = Counter((each.application_id, each.type) for each in set(found.events))
    for each in expected:
        one = accepted.get(each.line, "")
        counted = {
            "mails": (mails[one], MAILS_EACH),
            "different mails": (distinct_mails[one], MAILS_EACH),
            "notifications sent": (sent[one], MAILS_EACH),
            **{name: (events[one, name], times) for name, times in _EVENTS_EACH.items()},
            _DECISION_EVENTS[each.service]: (events[one, _DECISION_EVENTS[each.service]], 1),
        }
        yield from _about_numbers(each.line, counted)


def _about_numbers(line: int, counted: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    for name, (number, wanted) in counted.items():
        if number != wanted:
            yield f"line {line}: {name}: {number} instead of {wanted}"


def _about_strays(accepted: Mapping[int, str], found: Evidence) -> Iterator[str]:
    if found.dead_letters:
        yield f"{found.dead_letters} records were dead-lettered"
    ours = set(accepted.values())
    if len(ours) != len(accepted):
        yield "two lines became the same application"
    decided = {each.application_id for each in found.decisions}
    mailed = {each.application_id for each in found.mails}
    if strays := (decided | mailed) - ours:
        yield f"{len(strays)} applications that nobody submitted"
