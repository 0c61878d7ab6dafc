"""Which phases accept applications on a day, and how a page says so. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, assert_never

from services.portal.web.formats import day
from services.portal.web.page import Page
from shared.events.programme_terms import PhaseDay, PhaseTerms

PhaseStatus = Literal["ahead", "maybe-open", "open", "maybe-closed", "closed"]


def status_on(phase: PhaseTerms, today: date) -> PhaseStatus:
    """Return whether a phase is open on a Hong Kong day, as far as its days are known."""
    first, last = _earliest(phase.opens), _latest(phase.closes)
    if first is not None and today < first:
        return "ahead"
    if last is not None and today > last:
        return "closed"
    begun, may_end = _latest(phase.opens), _earliest(phase.closes)
    if begun is None or today < begun:
        return "maybe-open"
    return "maybe-closed" if may_end is not None and today > may_end else "open"


def shown_as_open(phases: Sequence[PhaseTerms], today: date) -> Sequence[PhaseTerms]:
    """Return the phases that accept applications, or may: their page says which."""
    return [each for each in phases if status_on(each, today) not in {"ahead", "closed"}]


def sentence(phase: PhaseTerms, status: PhaseStatus, page: Page) -> str:
    """Return the sentence that says whether a phase is open, and until when."""
    match status:
        case "maybe-open":
            return _day_of("opening", phase, phase.opens, page)
        case "open":
            return _day_of("until", phase, phase.closes, page)
        case "maybe-closed":
            return _day_of("closing", phase, phase.closes, page)
        case "ahead" | "closed":
            return page.word(f"programme.{status}", phase=phase.name)
        case _:
            assert_never(status)


def known(when: PhaseDay, page: Page) -> str:
    """Return what is published of a day: the day itself, a window, or that nothing is."""
    first, last = (day(each, page.language) if each else "" for each in _window(when))
    if when.on:
        return first
    if first and last:
        return page.word("programme.between", first=first, last=last)
    if first or last:
        key = "from-day" if first else "to-day"
        return page.word(f"programme.{key}", first=first, last=last)
    return page.word("programme.unknown")


def _day_of(what: str, phase: PhaseTerms, when: PhaseDay, page: Page) -> str:
    form = "" if when.on else "-window" if any(_window(when)) else "-unclear"
    return page.word(f"programme.{what}{form}", phase=phase.name, day=known(when, page))


def _window(when: PhaseDay) -> tuple[date | None, date | None]:
    return _earliest(when), _latest(when)


def _earliest(when: PhaseDay) -> date | None:
    return when.on or when.not_before


def _latest(when: PhaseDay) -> date | None:
    return when.on or when.not_after
