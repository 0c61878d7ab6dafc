"""Mails to hand over, and connections to hand them over through."""

from dataclasses import fields, replace

from services.notify.mails.message import Composer, Mail
from services.notify.mails.rendering import Enquiries, Renderer
from services.notify.smtp.connection import SmtpConnection
from services.notify.smtp.server_address import MailServer as MailServerAddress
from services.notify.smtp.time_limits import TimeLimits
from tests.factories import a_notification, a_recipient

COMPOSER = Composer(
    Renderer(Enquiries("enquiries@cppp.example")), "no-reply@cppp.example", "enquiries@cppp.example"
)


def a_mail(address: str = "chan@example.com") -> Mail:
    return COMPOSER.compose(a_notification(), a_recipient(email=address))


def connection_to(url: str, limit_seconds: float = 5) -> SmtpConnection:
    """Build a connection that waits equally long for every answer."""
    limits = TimeLimits(*[limit_seconds] * len(fields(TimeLimits)))
    server = replace(MailServerAddress.at(url), limits=limits)
    return SmtpConnection(server, COMPOSER.sender, "sender.example.org")
