"""Whole addresses, for who reads a page away from its site: feeds, calendars, search engines."""

from typing import Final

from fastapi import Request

from services.portal.web.languages import ENGLISH, LANGUAGES

ANY_LANGUAGE: Final = "x-default"
WITH_FEED: Final = ("/news", "/cases", "/technologies", "/resources", "/events")
"""The lists that a reader can subscribe to."""


def origin_of(request: Request) -> str:
    """Return scheme and host of the site: as it is set, else as the reader asked for it."""
    public_url: str = getattr(request.app.state, "public_url", "")
    return public_url or f"{request.url.scheme}://{request.url.netloc}"


def alternates(origin: str, path: str, query: str = "") -> dict[str, str]:
    """Return the addresses of a page in each language, by tag.

    Who reads none of them is led to English, and on the first page to what the browser asks for.
    """
    found = {each.tag: f"{origin}/{each.code}{path}{query}" for each in LANGUAGES}
    found[ANY_LANGUAGE] = f"{origin}/{ENGLISH.code}{path}{query}" if path else f"{origin}/"
    return found
