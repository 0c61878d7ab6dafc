"""Finds the pages of the site by following its links."""

from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import httpx
from typing_extensions import override

from services.portal.web.languages import LANGUAGES


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "href" and tag == "a" and value]


def crawled(client: httpx.Client) -> Sequence[str]:
    """Return the addresses of all pages, in their order.

    Fails if a link leads nowhere. Of addresses with a query only pages of results are followed: the
    others are states, see `states`.
    """
    known, waiting = set[str](), [f"/{each.code}" for each in LANGUAGES]
    found, broken = [], []
    while waiting:
        address = waiting.pop()
        if address in known:
            continue
        known.add(address)
        response = client.get(address)
        if not response.is_success:
            broken.append(f"{address}: {response.status_code}")
        elif response.headers.get("content-type", "").startswith("text/html"):
            found.append(address)
            waiting += _followed(address, response.text)
    assert not broken
    return sorted(found)


def one_of_each(pages: Iterable[str]) -> Sequence[str]:
    """Return all pages but items, and the first item of each folder."""
    kept: dict[str, str] = {}
    for address in pages:
        folder = address.rpartition("/")[0]
        kept.setdefault(folder if folder.count("/") > 1 else address, address)
    return list(kept.values())


def _followed(address: str, text: str) -> Sequence[str]:
    links = _Links()
    links.feed(text)
    absolute = [urldefrag(urljoin(address, each)).url for each in links.found]
    return [each for each in absolute if each.startswith("/") and _is_followed(each)]


def _is_followed(address: str) -> bool:
    asked = dict(parse_qsl(urlsplit(address).query))
    return not asked or set(asked) == {"page"}
