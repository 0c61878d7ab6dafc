"""Settings of this service alone."""

from typing import Annotated, Final

from pydantic import (
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
)
from pydantic_settings import SettingsConfigDict

from shared.http.proxies import TrustedProxies
from shared.settings import Settings

SERVICE: Final = "intake"


class IntakeSettings(Settings):
    """How applications are accepted.

    `id_secret` is the secret from which application ids are derived: the same on every instance
    and never changed, because a client's retry would no longer find its application. A request
    waits `accept_seconds` for the database. A revoked key works at most `key_cache_seconds` longer.

    `key_per_minute` and `anonymous_per_minute` are the rate limits of one API key and of one
    address per process; 0 means no limit. Behind proxies, set `trusted_proxies` (comma-separated)
    so that addresses are those of the clients.
    """

    model_config = SettingsConfigDict(env_prefix="INTAKE_")

    id_secret: Annotated[
        SecretStr,
        Field(
            min_length=32,
            description="Must be at least 32 random characters, the same on every instance, and "
            "never change: application ids are derived from it.",
        ),
    ]
    allow_anonymous: bool = True
    max_body_bytes: PositiveInt = 256 * 1024
    max_waiting_requests: PositiveInt = 5_000
    accept_seconds: PositiveFloat = 8
    key_cache_seconds: PositiveFloat = 5
    key_per_minute: NonNegativeInt = 600_000
    anonymous_per_minute: NonNegativeInt = 60_000
    trusted_proxies: TrustedProxies = ""
