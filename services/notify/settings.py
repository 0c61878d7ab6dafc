"""Settings of this service alone. Errors never show a value: it may hold a password."""

from typing import Annotated, Final

from pydantic import (
    EmailStr,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    SecretStr,
    StringConstraints,
    field_validator,
)
from pydantic_settings import SettingsConfigDict

from services.notify.smtp.server_address import MailServer
from shared.settings import Settings

SERVICE: Final = "notify"


class SmtpSettings(Settings):
    """The mail server: `smtp://` upgrades to TLS where it can, `smtps://` begins with it.

    User and password are part of the URL, percent-encoded. A password is sent only over TLS.
    """

    model_config = SettingsConfigDict(env_prefix="SMTP_")

    url: SecretStr = SecretStr("smtp://127.0.0.1:1025")

    @field_validator("url")
    @classmethod
    def _is_usable(cls, url: SecretStr) -> SecretStr:
        MailServer.at(url.get_secret_value())
        return url

    @property
    def server(self) -> MailServer:
        """The mail server of the URL."""
        return MailServer.at(self.url.get_secret_value())


class NotifySettings(Settings):
    """The sender, the contact for enquiries, and how messages are sent.

    `connections` to the mail server work in parallel. At most `in_doubt` of their messages are
    accepted by the server but not yet recorded; a crash repeats no more. After a crash claimed
    messages wait `claim_seconds`. Facts older than `too_old_seconds` are not mailed.
    """

    model_config = SettingsConfigDict(env_prefix="NOTIFY_")

    sender: EmailStr = "no-reply@cppp.example"
    enquiries_email: EmailStr = "enquiries@cppp.example"
    enquiries_telephone: Annotated[
        str,
        StringConstraints(pattern=r"^(\+?[0-9][0-9 -]{5,24})?$"),
        Field(
            description="Must be a telephone number: digits, spaces and hyphens, with + in front "
            "if need be."
        ),
    ] = ""
    answer_working_days: Annotated[int, Field(ge=1, le=250)] | None = 10
    connections: Annotated[int, Field(ge=1, le=64)] = 8
    in_doubt: Annotated[int, Field(ge=1, le=64)] = 1
    batch: Annotated[int, Field(ge=1, le=5_000)] = 100
    poll_seconds: PositiveFloat = 1
    send_seconds: Annotated[float, Field(gt=0, le=600)] = 30
    claim_seconds: Annotated[float, Field(ge=0.1, le=600)] = 6
    first_retry_seconds: PositiveFloat = 60
    longest_retry_seconds: PositiveFloat = 4 * 3600
    give_up_seconds: PositiveFloat = 4 * 24 * 3600
    contact_check_seconds: PositiveFloat = 600
    too_old_seconds: PositiveFloat = 7 * 24 * 3600
    daily_limit: NonNegativeInt = 0
    limit_per_second: NonNegativeFloat = 0
    suppression_secret: SecretStr = SecretStr("")
