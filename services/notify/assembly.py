"""The parts of the service, put together from its settings."""

from dataclasses import dataclass
from uuid import uuid4

from services.notify.claims import Claims
from services.notify.connection import SmtpConnection
from services.notify.contacts import MongoContacts
from services.notify.feed import Feed, Pace
from services.notify.handlers import SERVICE, Keeping
from services.notify.mail_server import MailServer
from services.notify.message import Composer
from services.notify.metrics import NotifyMetrics
from services.notify.notes import Notes
from services.notify.rendering import Enquiries, Letters
from services.notify.rules import RetrySchedule
from services.notify.sending import Delivery, Sender
from services.notify.settings import NotifySettings
from services.notify.standings import MongoStandings
from services.notify.store import MongoNotifications
from services.notify.stores import Stores
from shared.clock import utc_now
from shared.metrics import Metrics
from shared.mongo import Database
from shared.outbox import MongoOutbox, Outbox


@dataclass(frozen=True, slots=True)
class Parts:
    """What the service is made of."""

    stores: Stores
    keeping: Keeping
    sender: Sender
    outbox: Outbox
    metrics: NotifyMetrics

    async def prepare(self) -> None:
        """Create all indexes; may be repeated."""
        await self.stores.notifications.prepare()
        await self.outbox.kept.prepare()


def assemble(
    database: Database, server: MailServer, settings: NotifySettings, metrics: Metrics
) -> Parts:
    """Build the parts; nothing connects and nothing runs yet."""
    stores = Stores(
        MongoNotifications(database["notifications"], uuid4().hex),
        MongoContacts(database["contacts"], database["erasures"]),
        MongoStandings(database["standings"]),
    )
    outbox = Outbox(MongoOutbox(database["notifications"]), metrics, utc_now)
    own_metrics = NotifyMetrics(metrics)
    claims = Claims(stores.notifications, settings.claim_seconds, utc_now)
    notes = Notes(stores.notifications, claims, outbox, SERVICE, utc_now)
    feed = Feed(stores, claims, notes, _pace(settings), utc_now)
    composer = _composer(settings)
    sender = Sender(
        feed,
        claims,
        Delivery(composer, _schedule(settings), notes, own_metrics, utc_now),
        _connections(server, composer.sender, settings),
        lambda error: metrics.retries.labels(metrics.service, error).inc(),
    )
    keeping = Keeping(stores, utc_now, feed.wake)
    return Parts(stores, keeping, sender, outbox, own_metrics)


def _connections(server: MailServer, sender: str, settings: NotifySettings) -> list[SmtpConnection]:
    return [
        SmtpConnection(server, sender, settings.send_seconds) for _ in range(settings.connections)
    ]


def _composer(settings: NotifySettings) -> Composer:
    enquiries = Enquiries(settings.enquiries_email, settings.enquiries_telephone)
    letters = Letters(enquiries, settings.answer_working_days)
    return Composer(letters, settings.sender, settings.enquiries_email)


def _pace(settings: NotifySettings) -> Pace:
    return Pace(
        batch=settings.batch,
        poll_seconds=settings.poll_seconds,
        contact_check_seconds=settings.contact_check_seconds,
    )


def _schedule(settings: NotifySettings) -> RetrySchedule:
    return RetrySchedule(
        first_seconds=settings.first_retry_seconds,
        longest_seconds=settings.longest_retry_seconds,
        give_up_seconds=settings.give_up_seconds,
    )
