"""Images in memory, so that pages have them while MongoDB is away."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from services.portal.rules import item_key
from services.portal.site.edition import Edition
from services.portal.site.looking import Looks
from shared.events.content import ItemPublished
from shared.waiting import sleep_unless_set

_SECONDS: Final = 1.0


class HasEdition(Protocol):
    """Whoever knows what is published now."""

    @property
    def edition(self) -> Edition:
        """Return what is published now."""
        ...


class Images:
    """Images up to a number of bytes: the newest are read ahead, then those last shown are kept."""

    def __init__(
        self,
        read: Callable[[str], Awaitable[bytes | None]],
        site: HasEdition,
        most_bytes: int,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._looks = Looks(failed)
        self._read, self._site, self._most_bytes = read, site, most_bytes
        self._held: OrderedDict[str, bytes] = OrderedDict()  # the last shown at the end
        self._complete_for: Edition | None = None
        self.bytes_held = 0

    async def run(self, closing: asyncio.Event) -> None:
        """Read ahead what is published, until `closing` is set."""
        while not closing.is_set():
            await self._looks.attempt(self.read_ahead(), None)
            await sleep_unless_set(_SECONDS, closing)

    async def read_ahead(self) -> None:
        """Read images that are not held, the newest first, while there is room."""
        edition = self._site.edition
        if edition is self._complete_for:
            return
        items = edition.by_kind.get("image", ())
        self._drop_all_but({item_key(each) for each in items})
        newest = sorted(items, key=lambda each: each.published_at, reverse=True)
        found = [await self._has_read(each) for each in newest]
        if all(found):
            self._complete_for = edition

    async def content(self, item: ItemPublished) -> bytes | None:
        """Return an image; raises `TransientError` if only the database has it and is away."""
        key = item_key(item)
        if key in self._held:
            self._held.move_to_end(key)
            return self._held[key]
        content = await self._read(key)
        if content is not None:
            self._hold(key, content)
            self._make_room()
        return content

    def _hold(self, key: str, content: bytes) -> None:
        if key not in self._held:  # two requests may have read it
            self._held[key] = content
            self.bytes_held += len(content)

    async def _has_read(self, item: ItemPublished) -> bool:
        if item_key(item) in self._held or self.bytes_held >= self._most_bytes:
            return True
        content = await self._read(item_key(item))
        if content is None:
            return False  # the read model is being rebuilt
        if self.bytes_held + len(content) <= self._most_bytes:
            self._hold(item_key(item), content)
            self._held.move_to_end(item_key(item), last=False)
        return True

    def _drop_all_but(self, keys: set[str]) -> None:
        for key in self._held.keys() - keys:
            self.bytes_held -= len(self._held.pop(key))

    def _make_room(self) -> None:
        while self.bytes_held > self._most_bytes:
            _, content = self._held.popitem(last=False)
            self.bytes_held -= len(content)
