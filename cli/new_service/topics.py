"""The topics that a new service may read: discovered in `shared/events/`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import typer

from cli.api_docs.catalogue import event_modules, publications
from shared.events.envelope import APPLICATION_ID, Topic

_COMPACTED: Final = (
    "has personal data, which its readers must erase; no template can do that. Make the service "
    "without it, then read it as services/notify does."
)
_ABOUT_OTHERS: Final = (
    "is not about applications, by whose ids the template's service stores what it reads. Make the "
    "service without it, then add it to READS and PARSERS: docs/adding-a-service.md."
)


@dataclass(frozen=True)
class Readable:
    """A topic with the module and constant of its definition, and its events."""

    topic: Topic
    module: str
    constant: str
    events: Sequence[str]
    is_about_applications: bool

    @property
    def refusal(self) -> str | None:
        """Why the template cannot read it, if it cannot."""
        if self.topic.compacted:
            return _COMPACTED
        return None if self.is_about_applications else _ABOUT_OTHERS

    def answer(self, *, is_only_one: bool) -> dict[str, Any]:
        """Return what the template needs; a constant that is not the only one gets an alias."""
        local = self.constant if is_only_one else f"{self.module.upper()}_{self.constant}"
        return {
            "topic": self.topic.name,
            "module": self.module,
            "constant": local,
            "import": self.constant if is_only_one else f"{self.constant} as {local}",
            "events": sorted(self.events),
        }


def topic_names() -> list[str]:
    """Return the names of the topics that may be read."""
    return sorted(each.topic.name for each in _topics() if not each.refusal)


def checked_topics(names: Iterable[str]) -> list[str]:
    """Check the names of topics; raises `typer.BadParameter` for one that may not be read."""
    chosen = list(dict.fromkeys(names))
    if not chosen:
        msg = f"Must be at least one of {', '.join(topic_names())}."
        raise typer.BadParameter(msg)
    for each in chosen:
        if each not in topic_names():
            raise typer.BadParameter(_refusal(each))
    return chosen


def _refusal(name: str) -> str:
    for each in _topics():
        if each.topic.name == name:
            return f"{name} {each.refusal}"
    return f"Must be one of {', '.join(topic_names())}, not {name!r}."


def answers_about(names: Iterable[str]) -> list[dict[str, Any]]:
    """Return for the template where these topics are defined, and their events."""
    wanted = set(names)
    chosen = [each for each in _topics() if each.topic.name in wanted]
    times = Counter(each.constant for each in chosen)
    return [each.answer(is_only_one=times[each.constant] == 1) for each in chosen]


def _topics() -> Iterator[Readable]:
    for module in event_modules():
        owner = module.__name__.rpartition(".")[2]
        for topic in dict.fromkeys(each.topic for each in publications(module)):
            constant = next(name for name, value in vars(module).items() if value == topic)
            published = [each for each in publications(module) if each.topic == topic]
            events = [each.event.__name__ for each in published]
            are_about_applications = all(each.key == APPLICATION_ID for each in published)
            yield Readable(topic, owner, constant, events, are_about_applications)
