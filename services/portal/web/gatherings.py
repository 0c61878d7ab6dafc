"""When an event is, in words of a language, and whether it is over. Pure."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import get_timezone_name

from services.portal.web.formats import day
from services.portal.web.page import Page
from shared.events.content import Gathering

_UTC: Final = ZoneInfo("UTC")


def zone_of(own: Gathering) -> ZoneInfo:
    """Return the time zone of an event, or UTC, in which its moments are the same."""
    try:
        return ZoneInfo(own.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # also a folder's name, or a very long one
        return _UTC


def is_over(own: Gathering, now: datetime) -> bool:
    """Return whether an event is past; one whose end is not known lasts all day."""
    return now > own.ends_at if own.ends_at else _today(own, now) > own.ends_on


def may_register(own: Gathering, now: datetime) -> bool:
    """Return whether registration is open, its last day included."""
    last = own.registration_closes_on
    return not is_over(own, now) and (last is None or _today(own, now) <= last)


def when(own: Gathering, page: Page) -> str:
    """Return the days of an event, with the time of day and its zone where they are known."""
    starts = _moment(own.starts_on, own.starts_at, own, page)
    words = starts
    if own.ends_on != own.starts_on:
        ends = _moment(own.ends_on, own.ends_at, own, page)
        words = page.word("figures.range", low=starts, high=ends)
    elif own.starts_at and own.ends_at:
        words = page.word("figures.range", low=starts, high=_time(own.ends_at, own))
    return f"{words}{_zone_name(own, page)}"


def _moment(on: date, at: datetime | None, own: Gathering, page: Page) -> str:
    shown = day(on, page.language)
    return page.word("content.moment", day=shown, time=_time(at, own)) if at else shown


def _time(at: datetime, own: Gathering) -> str:
    return at.astimezone(zone_of(own)).strftime("%H:%M")


def _zone_name(own: Gathering, page: Page) -> str:
    if own.starts_at is None:
        return ""
    local = own.starts_at.astimezone(zone_of(own))
    name = get_timezone_name(local, locale=page.language.locale)
    return f"{page.word('site.opening')}{name}{page.word('site.closing')}"


def _today(own: Gathering, now: datetime) -> date:
    return now.astimezone(zone_of(own)).date()
