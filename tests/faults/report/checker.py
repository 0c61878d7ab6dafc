"""Compares what was accepted with its effects: accepted ⊆ decided ⊆ published ⊆ mailed.

Each version has each effect once, in order, and there is no effect without a cause. A repeat with
identical bytes is not a second effect; repeated mails are counted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.faults.observe.history import (
    APPLICATIONS,
    CONTACTS,
    DECISIONS,
    NOTIFICATIONS,
    Event,
    History,
    Version,
)

_DECIDED_BY = {"EligibilityDecided": "eligibility", "RecognitionDecided": "recognition"}
Effect = tuple[Version, str, str]


@dataclass
class Verdict:
    """One sentence for each violation."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    mails_repeated: int = 0
    events_repeated: int = 0

    @property
    def complaints(self) -> list[str]:
        return [*self.lost, *self.duplicated, *self.out_of_order, *self.unexpected]


def check(history: History) -> Verdict:
    """Find everything that is lost, duplicated, out of order or unexpected."""
    verdict = Verdict()
    _check_intake(history, verdict)
    _check_decisions(history, verdict)
    _check_decision_events(history, verdict)
    if "notify" in history.services:
        _check_notifications(history, verdict)
        _check_mails(history, verdict)
    _check_dead_letters(history, verdict)
    verdict.out_of_order += _out_of_order(history)
    verdict.unexpected += _unexpected(history)
    return verdict


def _by_effect(history: History, topic: str) -> dict[Effect, Counter[Event]]:
    found: dict[Effect, Counter[Event]] = defaultdict(Counter)
    for each in history.events:
        if each.topic == topic:
            found[each.version, each.type, each.notification_id][each] += 1
    return found


def _check_repeats(what: str, found: dict[Effect, Counter[Event]], verdict: Verdict) -> None:
    """Check that the events of one effect are repeats, byte for byte."""
    for (version, _, notification_id), events in found.items():
        verdict.events_repeated += sum(events.values()) - 1
        if len(events) > 1:
            name = f"{_name(version)}{notification_id}"
            verdict.duplicated.append(f"{name}: {len(events)} different {what} events")


def _name(version: Version) -> str:
    return f"{version.application_id}:{version.number}"


def _check_intake(history: History, verdict: Verdict) -> None:
    applications, contacts = _by_effect(history, APPLICATIONS), _by_effect(history, CONTACTS)
    _check_repeats("application", applications, verdict)
    _check_repeats("contact", contacts, verdict)
    published = {version for version, _, _ in applications}
    for version, _ in history.accepted:
        if version not in published:
            verdict.lost.append(f"{_name(version)}: accepted, but not on the topic")
    if "intake" in history.services:
        registered = {version.application_id for version, _, _ in contacts}
        ids = {each.version.application_id for each in history.accepted}
        verdict.lost += [f"{each}: its contact is not on the topic" for each in ids - registered]


def _check_decisions(history: History, verdict: Verdict) -> None:
    stored = Counter((each.service, each.version) for each in history.decisions)
    for version, service in history.accepted:
        number = stored[service, version]
        if service in history.services and not number:
            verdict.lost.append(f"{_name(version)}: accepted, but {service} has not decided it")
    for (service, version), number in stored.items():
        if number > 1:
            verdict.duplicated.append(f"{_name(version)}: {service} has decided it {number} times")


def _check_decision_events(history: History, verdict: Verdict) -> None:
    published = {service: _by_effect(history, topic) for service, topic in DECISIONS.items()}
    for service, found in published.items():
        _check_repeats(f"{service} decision", found, verdict)
    values = {
        (service, version): next(iter(events)).value
        for service, found in published.items()
        for (version, type_, _), events in found.items()
        if _DECIDED_BY.get(type_) == service
    }
    for each in history.decisions:
        value = values.pop((each.service, each.version), None)
        if value is None:
            verdict.lost.append(f"{_name(each.version)}: decided, but not published")
        elif f'"decided_at":"{each.decided_at}'.encode() not in value:
            verdict.duplicated.append(
                f"{_name(each.version)}: the published decision is not the stored one"
            )
    for _, version in values:
        verdict.lost.append(f"{_name(version)}: published, but no decision is stored")


def _check_notifications(history: History, verdict: Verdict) -> None:
    newest: dict[str, int] = {}
    for version, _ in history.accepted:
        newest[version.application_id] = max(newest.get(version.application_id, 0), version.number)
    messages = {(each.version, each.about): each for each in history.notifications}
    for version, about in _expected_messages(history):
        message = messages.get((version, about))
        if message is None:
            verdict.lost.append(f"{_name(version)}: no message about {about}")
        elif version in history.past and message.state != "too-old":
            verdict.duplicated.append(
                f"{_name(version)}: {about} is long past, and {message.state}"
            )
        elif version not in history.past and not (
            message.state == "sent" or _is_superseded(about, message.state, version, newest)
        ):
            verdict.lost.append(f"{_name(version)}: the message about {about} is {message.state}")
    _check_notification_events(history, verdict)


def _check_notification_events(history: History, verdict: Verdict) -> None:
    """Check that each sent message has its event."""
    published = _by_effect(history, NOTIFICATIONS)
    _check_repeats("notification", published, verdict)
    sent = {id_ for _, type_, id_ in published if type_ == "NotificationSent"}
    for each in history.notifications:
        if each.state == "sent" and each.id not in sent:
            verdict.lost.append(f"{each.id}: sent, but not published")


def _expected_messages(history: History) -> Iterator[tuple[Version, str]]:
    for version, service in history.accepted:
        yield version, "received" if version.number == 1 else "amended"
        if service in history.services:
            yield version, service


def _is_superseded(about: str, state: str, version: Version, newest: dict[str, int]) -> bool:
    is_older = version.number < newest.get(version.application_id, 0)
    return state == "stopped" and is_older and about in DECISIONS


def _check_mails(history: History, verdict: Verdict) -> None:
    arrived: dict[str, Counter[bytes]] = defaultdict(Counter)
    for mail in history.mails:
        arrived[mail.message_id][mail.digest] += 1
    for message_id, digests in arrived.items():
        verdict.mails_repeated += sum(digests.values()) - 1
        if len(digests) > 1:
            verdict.duplicated.append(f"{message_id}: mails with the same Message-ID differ")
    for message in history.notifications:
        if message.state == "sent" and (message.message_id or "") not in arrived:
            verdict.lost.append(f"{message.id}: stored as sent, but no mail has arrived")
    verdict.duplicated += _too_many_mails(history)


def _too_many_mails(history: History) -> Iterator[str]:
    messages = Counter(each.version.application_id for each in history.notifications)
    mails = Counter(each for each, _ in {mail[:2] for mail in history.mails})
    for application_id, number in mails.items():
        if number > messages[application_id]:
            yield f"{application_id}: more mails than messages"


def _check_dead_letters(history: History, verdict: Verdict) -> None:
    found = Counter(source.group for source in {each.source for each in history.dead_letters})
    for group in found.keys() | history.expected_dead_letters.keys():
        missing = history.expected_dead_letters.get(group, 0) - found[group]
        if missing > 0:
            verdict.lost.append(f"{missing} poison pills are not dead letters ({group})")
        if missing < 0:
            verdict.unexpected.append(f"{-missing} good records are dead letters ({group})")


def _out_of_order(history: History) -> Iterator[str]:
    """Compare the order in which versions first appear: on intake's topic and on decisions'."""
    submitted = _first_appearances(history.events, APPLICATIONS)
    for application_id, numbers in submitted.items():
        if "intake" in history.services and numbers != sorted(numbers):
            yield f"{application_id}: published in the order {numbers}"
    for topic in DECISIONS.values():
        for application_id, numbers in _first_appearances(history.events, topic).items():
            expected = [each for each in submitted.get(application_id, ()) if each in numbers]
            if numbers != expected:
                yield f"{application_id}: decided in the order {numbers} instead of {expected}"


def _first_appearances(events: Iterable[Event], topic: str) -> dict[str, list[int]]:
    seen: dict[str, list[int]] = defaultdict(list)
    for each in events:
        numbers = seen[each.version.application_id] if each.topic == topic else []
        if each.topic == topic and each.version.number not in numbers:
            numbers.append(each.version.number)
    return seen


def _unexpected(history: History) -> Iterator[str]:
    """Find effects of versions that were never accepted."""
    versions = {each.version for each in history.accepted}
    ids = {version.application_id for version in versions}
    topics = {APPLICATIONS, *DECISIONS.values()}
    of_events = {each.version for each in history.events if each.topic in topics}
    for version in (of_events | {each.version for each in history.decisions}) - versions:
        yield f"{_name(version)}: never accepted"
    for application_id in {each.application_id for each in history.mails} - ids:
        yield f"{application_id}: a mail about an application that was never accepted"
