"""Identifies the client of a request: a system with an API key, or an anonymous one."""

import hashlib
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from services.intake.http.problems import api_key_needed, api_key_refused
from services.intake.store.api_keys import ApiKey, Right

_BEARER: Final = re.compile(r"[Bb]earer +cppp_([0-9a-f]{12})_([0-9a-f]{64})")
_CACHED_AT_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Client:
    """The client of a request, and its rights beyond submitting."""

    id: str
    rights: frozenset[Right] = frozenset()


ANONYMOUS: Final = Client("anonymous")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A new API key; `text` is what the client sends, and is shown only once."""

    text: str
    id: str
    secret_sha256: bytes


def new_key() -> NewKey:
    """Create an API key, `cppp_<id>_<secret>`."""
    key_id, secret = secrets.token_hex(6), secrets.token_hex(32)
    return NewKey(f"cppp_{key_id}_{secret}", key_id, _sha256(secret))


def _sha256(secret: str) -> bytes:
    # The secret has 256 random bits, so a slow hash is not needed.
    return hashlib.sha256(secret.encode()).digest()


class Authenticator:
    """Identifies clients by their API keys.

    A key is cached for `cache_seconds`: a revoked key may work for that long.
    """

    def __init__(
        self,
        find: Callable[[str], Awaitable[ApiKey | None]],
        *,
        allow_anonymous: bool,
        cache_seconds: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._allow_anonymous = allow_anonymous
        self._cache_seconds = cache_seconds
        self._now = now
        self._cache: dict[str, tuple[float, ApiKey | None]] = {}

    async def client(self, authorization: str | None) -> Client:
        """Return the client of this header, or the anonymous client if there is none.

        Raises `TransientError` while the database is down, and `Problem` for a bad key.
        """
        if authorization is None:
            return self._anonymous()
        match = _BEARER.fullmatch(authorization.strip())
        key = await self._key(match[1]) if match else None
        if key is None or match is None or not _is_valid(key, match[2]):
            raise api_key_refused()
        return Client(key.id, key.rights)

    def _anonymous(self) -> Client:
        if not self._allow_anonymous:
            raise api_key_needed()
        return ANONYMOUS

    async def _key(self, key_id: str) -> ApiKey | None:
        now = self._now()
        cached = self._cache.get(key_id)
        if cached and now - cached[0] < self._cache_seconds:
            return cached[1]
        key = await self._find(key_id)
        if len(self._cache) >= _CACHED_AT_MOST:
            self._cache.clear()
        self._cache[key_id] = (now, key)
        return key


def _is_valid(key: ApiKey, secret: str) -> bool:
    return key.revoked_at is None and secrets.compare_digest(key.secret_sha256, _sha256(secret))
