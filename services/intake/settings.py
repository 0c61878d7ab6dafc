"""Settings of this service alone."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class IntakeSettings(BaseSettings):
    """How applications are accepted.

    `id_secret` is what application ids are derived with: the same on every instance, and never
    changed, as a client's retry would not find its application any more. A request waits
    `accept_seconds` for the database; a revoked key works `key_cache_seconds` longer at most.
    """

    model_config = SettingsConfigDict(env_prefix="INTAKE_", frozen=True, hide_input_in_errors=True)

    id_secret: Annotated[SecretStr, Field(min_length=32)]
    allow_anonymous: bool = True
    max_body_bytes: PositiveInt = 256 * 1024
    max_waiting_requests: PositiveInt = 5_000
    accept_seconds: PositiveFloat = 8
    key_cache_seconds: PositiveFloat = 5


def load_settings() -> IntakeSettings:
    """Read the settings; ends the program with a line for each one that is missing or wrong."""
    try:
        return IntakeSettings()
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        raise SystemExit(
            "\n".join(_complaint(each["loc"], each["msg"]) for each in wrong)
        ) from None


def _complaint(location: tuple[int | str, ...], rule: str) -> str:
    variable = f"INTAKE_{location[0]}".upper()
    return f"{variable}: {rule}. {_ADVICE.get(variable, '')}".rstrip()


_ADVICE = {
    "INTAKE_ID_SECRET": (
        "Set it to at least 32 random characters, the same on every instance, and keep it: "
        "application ids are derived with it."
    )
}
