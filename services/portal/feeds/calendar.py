"""Events as calendar files (RFC 5545). Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from services.portal.web.gatherings import zone_of
from services.portal.web.page import Page
from shared.events.content import Gathering, ItemPublished

MEDIA_TYPE: Final = "text/calendar"
_DAY: Final = timedelta(days=1)
_LOOK_AGAIN: Final = timedelta(hours=12)
_UTC: Final = ZoneInfo("UTC")


def calendar(items: Iterable[ItemPublished], page: Page, origin: str) -> bytes:
    """Return events as a calendar; `page` is their list.

    An event has the same id in each language and after each change, so that a calendar that has it
    takes the change over.
    """
    file = Calendar()
    file.add("prodid", "-//cppp//portal//EN")
    file.add("version", "2.0")
    file.add("x-wr-calname", page.word("feeds.title", list=page.title))
    file.add("refresh-interval", _LOOK_AGAIN, {"value": "DURATION"})
    days = []
    for each in items:
        if each.gathering:
            file.add_component(_event(each, each.gathering, page, origin))
            days += [each.gathering.starts_on, each.gathering.ends_on]
    if days:
        file.add_missing_timezones(min(days) - _DAY, max(days) + _DAY)
    return bytes(file.to_ical())


def _event(item: ItemPublished, own: Gathering, page: Page, origin: str) -> Event:
    words, address = item.words[page.language.words], f"{origin}{page.to(page.path)}/{item.item_id}"
    spoken: dict[str, str] = {"language": words.language}
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE_URL, f"urn:cppp:item:{item.item_id}")))
    event.add("sequence", item.revision - 1)
    event.add("dtstamp", item.published_at.astimezone(_UTC))
    event.add("last-modified", item.published_at.astimezone(_UTC))
    starts, ends = _times(own)
    event.add("dtstart", starts)
    if ends is not None:
        event.add("dtend", ends)
    event.add("summary", words.title, spoken)
    event.add("description", _description(item, own, page), spoken)
    if words.place:
        event.add("location", words.place, spoken)
    event.add("url", address)
    return event


def _description(item: ItemPublished, own: Gathering, page: Page) -> str:
    summary = item.words[page.language.words].summary
    if not own.registration_address:
        return summary
    return f"{summary}\n{page.word('feeds.register', address=own.registration_address)}"


def _times(own: Gathering) -> tuple[date, date | None]:
    """Return start and end: moments in the time zone of the event where they are known, else days.

    The end of days is the day after. Of an event of one day only the start may be known.
    """
    zone = zone_of(own)
    if own.starts_at and own.ends_at:
        return own.starts_at.astimezone(zone), own.ends_at.astimezone(zone)
    if own.starts_at and own.starts_on == own.ends_on:
        return own.starts_at.astimezone(zone), None
    return own.starts_on, own.ends_on + _DAY
