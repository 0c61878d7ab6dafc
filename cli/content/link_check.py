"""Asks other sites whether what items link to is there."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Final

import httpx

from cli.content.folder.edition import Edition
from cli.content.folder.files import FACTS, SOURCES
from cli.content.folder.forms import EventForm, ItemForm, ResourceForm
from cli.content.folder.mistakes import Mistake
from cli.content.folder.texts import TextFile

_AT_ONCE: Final = 8
_SECONDS: Final = 15
_WEB: Final = ("https://", "http://")
_ERRORS: Final = 400
_AGENT: Final = {"User-Agent": "cppp content check --links"}


async def dead_links(
    edition: Edition, transport: httpx.AsyncBaseTransport | None = None
) -> Sequence[Mistake]:
    """Return a mistake for each address, of texts, facts and sources, that does not answer."""
    links = sorted(_links(edition))
    limit = asyncio.Semaphore(_AT_ONCE)
    async with httpx.AsyncClient(
        transport=transport, timeout=_SECONDS, follow_redirects=True, headers=_AGENT
    ) as client:

        async def flaw(address: str) -> str | None:
            async with limit:
                return await _flaw(client, address)

        addresses = list(dict.fromkeys(address for _, _, address in links))
        flaws = dict(zip(addresses, await asyncio.gather(*map(flaw, addresses)), strict=True))
    return [
        Mistake(file, line, address, found)
        for file, line, address in links
        if (found := flaws[address])
    ]


def _links(edition: Edition) -> Iterator[tuple[PurePosixPath, int, str]]:
    for source in edition.sources.values():
        yield PurePosixPath(SOURCES), 0, source.address
    for item in edition.items:
        for address in _addresses(item.facts):
            yield item.folder.path / FACTS, 0, address
        for text in item.texts.values():
            yield from _links_of_text(text)


def _addresses(facts: ItemForm) -> Iterator[str]:
    if isinstance(facts, ResourceForm) and facts.address:
        yield facts.address
    if isinstance(facts, EventForm) and facts.registration:
        yield facts.registration.address


def _links_of_text(text: TextFile) -> Iterator[tuple[PurePosixPath, int, str]]:
    for each in text.markdown.links:
        if each.target.startswith(_WEB):
            yield text.place.file, each.line + text.first_line, each.target


async def _flaw(client: httpx.AsyncClient, address: str) -> str | None:
    try:
        answer = await client.head(address)
        if answer.status_code >= _ERRORS:  # some servers answer a GET alone
            answer = await client.get(address)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"Must answer; it does not ({type(error).__name__})."
    if answer.status_code >= _ERRORS:
        return f"Must be there; the server answers {answer.status_code}."
    return None
