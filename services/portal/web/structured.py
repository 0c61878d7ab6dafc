"""What a page is about, in the terms of schema.org. Pure.

It stands in the page as JSON-LD: a block of data, which the Content-Security-Policy lets be because
no browser runs it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from services.portal.web.page import Page
from shared.events.content import ItemPublished

Data = Mapping[str, Any]
_CONTEXT: Final = "https://schema.org"
_ATTENDANCE: Final = {
    "on-site": f"{_CONTEXT}/OfflineEventAttendanceMode",
    "online": f"{_CONTEXT}/OnlineEventAttendanceMode",
    "both": f"{_CONTEXT}/MixedEventAttendanceMode",
}


def about_site(page: Page, origin: str) -> Sequence[Data]:
    """Return what the first page says: whose site this is."""
    return [
        _data(
            "WebSite", name=page.word("site.name"), url=f"{origin}{page.to('')}", **_spoken(page)
        ),
        _data("Organization", **_publisher(page, origin)),
    ]


def trail(page: Page, origin: str) -> Sequence[Data]:
    """Return the pages above a page, and itself."""
    above = [("", page.word("site.home")), *page.crumbs, (page.path, page.title)]
    steps = [
        {"@type": "ListItem", "position": place, "name": name, "item": f"{origin}{page.to(path)}"}
        for place, (path, name) in enumerate(above, 1)
    ]
    return [_data("BreadcrumbList", itemListElement=steps)]


def about_item(item: ItemPublished, page: Page, text: str, origin: str) -> Sequence[Data]:
    """Return what an item is; `text` is its text as HTML."""
    about = _ABOUT.get(item.kind)
    return [about(item, page, text, origin)] if about else []


def _article(item: ItemPublished, page: Page, _text: str, origin: str) -> Data:
    words = item.words[page.language.words]
    day = {"datePublished": item.news.date.isoformat()} if item.news else {}
    return _data(
        "NewsArticle" if item.news else "Article",
        headline=words.title,
        description=words.summary,
        dateModified=item.published_at.isoformat(),
        mainEntityOfPage=f"{origin}{page.to(page.path)}",
        author={"@type": "Organization"} | _publisher(page, origin),
        publisher={"@type": "Organization"} | _publisher(page, origin),
        inLanguage=words.language,
        **day,
    )


def _event(item: ItemPublished, page: Page, _text: str, origin: str) -> Data:
    words, own = item.words[page.language.words], item.gathering
    if own is None:
        return {}
    return _data(
        "Event",
        name=words.title,
        description=words.summary,
        startDate=(own.starts_at or own.starts_on).isoformat(),
        endDate=(own.ends_at or own.ends_on).isoformat(),
        eventStatus=f"{_CONTEXT}/EventScheduled",
        url=f"{origin}{page.to(page.path)}",
        inLanguage=words.language,
        **_where(item, page, origin),
    )


def _where(item: ItemPublished, page: Page, origin: str) -> Data:
    words, own = item.words[page.language.words], item.gathering
    online = {"@type": "VirtualLocation", "url": f"{origin}{page.to(page.path)}"}
    place = [{"@type": "Place", "name": words.place, "address": words.place}] if words.place else []
    form = own.format if own else ""
    found: dict[str, Any] = {"location": [*place, *([online] if form != "on-site" else [])]}
    return found | ({"eventAttendanceMode": _ATTENDANCE[form]} if form in _ATTENDANCE else {})


def _question(item: ItemPublished, page: Page, text: str, _origin: str) -> Data:
    words = item.words[page.language.words]
    answer = {"@type": "Answer", "text": text or words.summary}
    question = {"@type": "Question", "name": words.title, "acceptedAnswer": answer}
    return _data("FAQPage", mainEntity=[question], inLanguage=words.language)


_ABOUT: Final[Mapping[str, Callable[[ItemPublished, Page, str, str], Data]]] = {
    "news": _article,
    "case": _article,
    "technology": _article,
    "event": _event,
    "question": _question,
}


def _data(kind: str, **values: Any) -> Data:
    return {"@context": _CONTEXT, "@type": kind, **values}


def _publisher(page: Page, origin: str) -> dict[str, Any]:
    return {"name": page.word("site.name"), "url": f"{origin}/"}


def _spoken(page: Page) -> dict[str, Any]:
    return {"inLanguage": page.language.tag}
