"""Compares what was accepted with what came of it: accepted ⊆ decided ⊆ announced ⊆ mailed.

Each effect once for each version, in order, and nothing that nobody asked for. A repeat with
identical bytes is no second effect; repeated mails are counted.
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

_ANNOUNCING = {"EligibilityDecided": "eligibility", "RecognitionDecided": "recognition"}
Effect = tuple[Version, str, str]


@dataclass
class Verdict:
    """A sentence for each thing that is wrong."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    mails_repeated: int = 0
    events_repeated: int = 0

    @property
    def complaints(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.disordered, *self.foreign]


def check(history: History) -> Verdict:
    """Find all that is lost, double, out of order or foreign."""
    verdict = Verdict()
    _check_intake(history, verdict)
    _check_decisions(history, verdict)
    _check_announcements(history, verdict)
    if "notify" in history.services:
        _check_notifications(history, verdict)
        _check_mails(history, verdict)
    _check_dead_letters(history, verdict)
    verdict.disordered += _out_of_order(history)
    verdict.foreign += _strangers(history)
    return verdict


def _distinct(history: History, topic: str) -> dict[Effect, Counter[Event]]:
    found: dict[Effect, Counter[Event]] = defaultdict(Counter)
    for each in history.events:
        if each.topic == topic:
            found[each.version, each.type, each.told][each] += 1
    return found


def _check_same(what: str, found: dict[Effect, Counter[Event]], verdict: Verdict) -> None:
    """Several events about one thing must be repeats, byte for byte."""
    for (version, _, told), events in found.items():
        verdict.events_repeated += sum(events.values()) - 1
        if len(events) > 1:
            verdict.doubled.append(f"{_name(version)}{told}: {len(events)} different {what} events")


def _name(version: Version) -> str:
    return f"{version.application_id}:{version.number}"


def _check_intake(history: History, verdict: Verdict) -> None:
    facts, contacts = _distinct(history, APPLICATIONS), _distinct(history, CONTACTS)
    _check_same("application", facts, verdict)
    _check_same("contact", contacts, verdict)
    published = {version for version, _, _ in facts}
    for version, _ in history.accepted:
        if version not in published:
            verdict.lost.append(f"{_name(version)}: accepted, but not on the topic")
    if "intake" in history.services:
        registered = {version.application_id for version, _, _ in contacts}
        ids = {each.version.application_id for each in history.accepted}
        verdict.lost += [f"{each}: its contact is not on the topic" for each in ids - registered]


def _check_decisions(history: History, verdict: Verdict) -> None:
    kept = Counter((each.service, each.version) for each in history.kept)
    for version, service in history.accepted:
        number = kept[service, version]
        if service in history.services and not number:
            verdict.lost.append(f"{_name(version)}: accepted, but {service} has not decided it")
    for (service, version), number in kept.items():
        if number > 1:
            verdict.doubled.append(f"{_name(version)}: {service} has decided it {number} times")


def _check_announcements(history: History, verdict: Verdict) -> None:
    announced = {service: _distinct(history, topic) for service, topic in DECISIONS.items()}
    for service, found in announced.items():
        _check_same(f"{service} decision", found, verdict)
    values = {
        (service, version): next(iter(events)).value
        for service, found in announced.items()
        for (version, kind, _), events in found.items()
        if _ANNOUNCING.get(kind) == service
    }
    for each in history.kept:
        value = values.pop((each.service, each.version), None)
        if value is None:
            verdict.lost.append(f"{_name(each.version)}: decided, but not announced")
        elif f'"decided_at":"{each.decided_at}'.encode() not in value:
            verdict.doubled.append(f"{_name(each.version)}: another decision is announced")
    for _, version in values:
        verdict.lost.append(f"{_name(version)}: announced, but no decision is kept")


def _check_notifications(history: History, verdict: Verdict) -> None:
    newest: dict[str, int] = {}
    for version, _ in history.accepted:
        newest[version.application_id] = max(newest.get(version.application_id, 0), version.number)
    noted = {(each.version, each.about): each for each in history.notifications}
    for version, about in _to_be_told(history):
        note = noted.get((version, about))
        if note is None:
            verdict.lost.append(f"{_name(version)}: no message about {about}")
        elif version in history.past and note.state != "too-old":
            verdict.doubled.append(f"{_name(version)}: {about} is long past, and {note.state}")
        elif version not in history.past and not (
            note.state == "sent" or _is_overtaken(note.about, note.state, version, newest)
        ):
            verdict.lost.append(f"{_name(version)}: the message about {about} is {note.state}")
    _check_notices(history, verdict)


def _check_notices(history: History, verdict: Verdict) -> None:
    """Look at the events that tell what was sent, one for each message."""
    told = _distinct(history, NOTIFICATIONS)
    _check_same("notification", told, verdict)
    sent = {id_ for _, kind, id_ in told if kind == "NotificationSent"}
    for each in history.notifications:
        if each.state == "sent" and each.id not in sent:
            verdict.lost.append(f"{each.id}: sent, but not announced")


def _to_be_told(history: History) -> Iterator[tuple[Version, str]]:
    for version, service in history.accepted:
        yield version, "received" if version.number == 1 else "amended"
        if service in history.services:
            yield version, service


def _is_overtaken(about: str, state: str, version: Version, newest: dict[str, int]) -> bool:
    is_older = version.number < newest.get(version.application_id, 0)
    return state == "stopped" and is_older and about in DECISIONS


def _check_mails(history: History, verdict: Verdict) -> None:
    arrived: dict[str, Counter[bytes]] = defaultdict(Counter)
    for mail in history.mails:
        arrived[mail.message_id][mail.digest] += 1
    for message_id, digests in arrived.items():
        verdict.mails_repeated += sum(digests.values()) - 1
        if len(digests) > 1:
            verdict.doubled.append(f"{message_id}: mails under one Message-ID differ")
    for note in history.notifications:
        if note.state == "sent" and (note.message_id or "") not in arrived:
            verdict.lost.append(f"{note.id}: noted as sent, but no mail has arrived")
    verdict.doubled += _too_many_mails(history)


def _too_many_mails(history: History) -> Iterator[str]:
    messages = Counter(each.version.application_id for each in history.notifications)
    mails = Counter(each for each, _ in {mail[:2] for mail in history.mails})
    for application_id, number in mails.items():
        if number > messages[application_id]:
            yield f"{application_id}: more mails than there is to tell"


def _check_dead_letters(history: History, verdict: Verdict) -> None:
    given_up = Counter(source.group for source in {each.source for each in history.dead_letters})
    for group in given_up.keys() | history.poison.keys():
        number, wanted = given_up[group], history.poison.get(group, 0)
        if number < wanted:
            verdict.lost.append(
                f"{wanted - number} records of poison are no dead letters ({group})"
            )
        if number > wanted:
            verdict.foreign.append(f"{number - wanted} good records are dead letters ({group})")


def _out_of_order(history: History) -> Iterator[str]:
    """Compare the order in which versions first appear: intake's own, and that of decisions."""
    came = _first_appearances(history.events, APPLICATIONS)
    for application_id, numbers in came.items():
        if "intake" in history.services and numbers != sorted(numbers):
            yield f"{application_id}: published in the order {numbers}"
    for topic in DECISIONS.values():
        for application_id, numbers in _first_appearances(history.events, topic).items():
            expected = [each for each in came.get(application_id, ()) if each in numbers]
            if numbers != expected:
                yield f"{application_id}: decided in the order {numbers} instead of {expected}"


def _first_appearances(events: Iterable[Event], topic: str) -> dict[str, list[int]]:
    seen: dict[str, list[int]] = defaultdict(list)
    for each in events:
        numbers = seen[each.version.application_id] if each.topic == topic else []
        if each.topic == topic and each.version.number not in numbers:
            numbers.append(each.version.number)
    return seen


def _strangers(history: History) -> Iterator[str]:
    """Find what nobody submitted."""
    versions = {each.version for each in history.accepted}
    ids = {version.application_id for version in versions}
    facts = [each for each in history.events if each.topic in {APPLICATIONS, *DECISIONS.values()}]
    for version in {each.version for each in [*facts, *history.kept]} - versions:
        yield f"{_name(version)}: nobody submitted it"
    for application_id in {each.application_id for each in history.mails} - ids:
        yield f"{application_id}: a mail about what nobody submitted"
