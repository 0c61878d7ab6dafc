"""Which technologies fit what a reader chooses. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final

from services.portal.toolbox.bands import (
    INVESTMENTS,
    PAYBACKS,
    Fit,
    investment_fit,
    payback_fit,
)
from shared.events.content import Example, ItemPublished, ToolboxTechnology

QUESTIONS: Final = ("industry", "process", "saves", "investment", "payback")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader chooses; an empty answer leaves a question open."""

    industry: str = ""
    process: str = ""
    saves: str = ""
    investment: str = ""
    payback: str = ""

    @property
    def is_open(self) -> bool:
        """Return whether nothing was chosen."""
        return not any(getattr(self, each.name) for each in fields(self))


@dataclass(frozen=True, slots=True)
class Matches:
    """Technologies that fit, and those of which the sources do not give what the bands ask for."""

    fitting: Sequence[ItemPublished]
    unknown: Sequence[ItemPublished]


def match(items: Iterable[ItemPublished], choice: Choice) -> Matches:
    """Return the technologies for a choice. Those that contradict it are left out."""
    fitting, unknown = [], []
    for item in items:
        fit = _fit(item.technology, choice) if item.technology else "outside"
        if fit == "fits":
            fitting.append(item)
        elif fit == "unknown":
            unknown.append(item)
    return Matches(fitting, unknown)


def _fit(technology: ToolboxTechnology, choice: Choice) -> Fit:
    asked = (
        (choice.industry, technology.industries),
        (choice.process, technology.processes),
        (choice.saves, technology.saves),
    )
    if any(value and value not in values for value, values in asked):
        return "outside"
    found = {_fit_of_example(each, choice) for each in technology.examples}
    if "fits" in found:
        return "fits"
    return "unknown" if "unknown" in found else "outside"


def _fit_of_example(example: Example, choice: Choice) -> Fit:
    fits: set[Fit] = set()
    if band := INVESTMENTS.get(choice.investment):
        fits.add(investment_fit(example, band))
    if band := PAYBACKS.get(choice.payback):
        fits.add(payback_fit(example, band))
    if "outside" in fits:
        return "outside"
    return "unknown" if "unknown" in fits else "fits"
