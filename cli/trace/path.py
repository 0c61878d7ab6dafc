"""The path of an application: its steps in order, their waits, and what is still to come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from cli.trace.step import Step


@dataclass(frozen=True, slots=True)
class PathStep:
    """A step on the path: the time since the first one, and since the step that it follows from.

    `waited` is None for what people do. `publications` counts the record and its repeats.
    """

    step: Step
    after: timedelta
    waited: timedelta | None
    publications: int


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that a consumer group has not handled yet, and how many are before it at most."""

    group: str
    step: Step
    before: int


@dataclass(frozen=True, slots=True)
class Path:
    """What happened to an application, and what did not yet.

    `unmailed` are the facts of which a mail is still to be sent though `notify` knows them.
    """

    steps: Sequence[PathStep]
    unread: Sequence[Unread] = ()
    unmailed: Sequence[Step] = field(default=())


def path_of(
    steps: Iterable[Step],
    readers: Mapping[str, Sequence[str]],
    committed: Mapping[tuple[str, str, int], int],
) -> Path:
    """Put steps in order and relate them.

    `readers` are the groups that read each topic, `committed` the offset of each group, topic and
    partition, which is missing where a group has committed nothing.
    """
    ordered = sorted(steps, key=lambda each: (each.at, each.topic, each.partition, each.offset))
    unique, counts = _without_repeats(ordered)
    unread = list(_unread(unique, readers, committed))
    answered = {each.answers for each in unique}
    waiting_for = {each.step for each in unread}
    return Path(
        [
            PathStep(each, each.at - unique[0].at, _waited(each, unique), counts[_identity(each)])
            for each in unique
        ],
        unread,
        [
            each
            for each in unique
            if each.mail and each.mail not in answered and each not in waiting_for
        ],
    )


def _identity(step: Step) -> tuple[str, str] | str:
    return (step.topic, step.id) if step.id else step.where


def _without_repeats(
    steps: Sequence[Step],
) -> tuple[list[Step], dict[tuple[str, str] | str, int]]:
    first: dict[tuple[str, str] | str, Step] = {}
    counts: dict[tuple[str, str] | str, int] = {}
    for each in steps:
        identity = _identity(each)
        first.setdefault(identity, each)
        counts[identity] = counts.get(identity, 0) + 1
    return list(first.values()), counts


def _waited(step: Step, steps: Sequence[Step]) -> timedelta | None:
    causes = [each.at for each in steps if step.answers in each.subjects and each.at <= step.at]
    return step.at - max(causes) if causes else None


def _unread(
    steps: Iterable[Step],
    readers: Mapping[str, Sequence[str]],
    committed: Mapping[tuple[str, str, int], int],
) -> Iterable[Unread]:
    for each in steps:
        for group in readers.get(each.topic, ()):
            offset = max(0, committed.get((group, each.topic, each.partition), 0))
            if offset <= each.offset:
                yield Unread(group, each, each.offset - offset)
