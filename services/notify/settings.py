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

HostName = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+$|^\[[0-9A-Fa-f:.IPv]+\]$")
]
_HOST_NAME: Final = (
    "Must be a fully qualified host name such as mail.example.org, or an address in brackets."
)


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

    `ehlo_name` introduces this service to the mail server. `connections` to it work in parallel. At
    most `unrecorded` of their messages are accepted by the server and not yet recorded; a crash
    repeats no more. Sending stops after `refused_in_a_row` refusals; a probe follows at least every
    `probe_seconds`. After a crash claimed messages wait `claim_seconds`. Facts older than
    `too_old_seconds` are not mailed.
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
    ehlo_name: HostName | None = Field(None, description=_HOST_NAME)
    connections: Annotated[int, Field(ge=1, le=64)] = 16
    unrecorded: Annotated[int, Field(ge=1, le=1_000)] = 64
    batch: Annotated[int, Field(ge=1, le=5_000)] = 500
    poll_seconds: PositiveFloat = 1
    refused_in_a_row: Annotated[int, Field(ge=1, le=1_000)] = 10
    probe_seconds: PositiveFloat = 30
    claim_seconds: Annotated[float, Field(ge=0.1, le=600)] = 6
    first_retry_seconds: PositiveFloat = 60
    longest_retry_seconds: PositiveFloat = 4 * 3600
    give_up_seconds: PositiveFloat = 4 * 24 * 3600
    contact_check_seconds: PositiveFloat = 600
    too_old_seconds: PositiveFloat = 7 * 24 * 3600
    daily_limit: NonNegativeInt = 0
    limit_per_second: NonNegativeFloat = 0
    suppression_secret: SecretStr = SecretStr("")
