"""The parts of the service, put together from its settings."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from services.notify.claims import Claims
from services.notify.connection import SmtpConnection
from services.notify.contacts import MongoContacts
from services.notify.feed import Feed, Pace
from services.notify.handlers import Keeping
from services.notify.limits import Allowance, Limits, MongoDailyCounts
from services.notify.mail_server import MailServer
from services.notify.message import Composer
from services.notify.metrics import NotifyMetrics
from services.notify.notes import Notes
from services.notify.rendering import Enquiries, Letters
from services.notify.rules import RetrySchedule
from services.notify.screening import Patience, Screening
from services.notify.sending import Delivery, Judgement, Sender
from services.notify.settings import NotifySettings
from services.notify.standings import MongoStandings
from services.notify.store import MongoNotifications
from services.notify.stores import Stores
from services.notify.suppressing import MongoSuppressions
from shared.clock import utc_now
from shared.metrics import Metrics
from shared.mongo import Database
from shared.outbox import MongoOutbox, Outbox
from shared.outbox import Pace as PublishingPace

# Mails are noted one by one, and each publishing alone would cost a third of all that a mail costs.
_PUBLISHING: Final = PublishingPace(gather_seconds=0.05)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the service is made of."""

    stores: Stores
    keeping: Keeping
    sender: Sender
    outbox: Outbox
    limits: Limits
    metrics: NotifyMetrics

    async def prepare(self) -> None:
        """Create all indexes; may be repeated."""
        await self.stores.notifications.prepare()
        await self.outbox.kept.prepare()

    async def watch(self, closing: asyncio.Event) -> None:
        """Keep the gauges current until `closing` is set."""
        waiting, begun_today = self.stores.notifications.waiting, self.limits.begun_today
        await self.metrics.watch(waiting, begun_today, closing)


def assemble(
    database: Database,
    server: MailServer,
    settings: NotifySettings,
    metrics: Metrics,
    now: Callable[[], datetime] = utc_now,
) -> Parts:
    """Build the parts; nothing connects and nothing runs yet."""
    stores, own_metrics = stores_in(database, settings), NotifyMetrics(metrics)
    outbox = Outbox(MongoOutbox(database["notifications"]), metrics, now, _PUBLISHING)
    claims = Claims(stores.notifications, settings.claim_seconds, now)
    notes = Notes(stores.notifications, claims, outbox, now, own_metrics.count_ended)
    limits = _limits(database, settings, own_metrics, now)
    patience = Patience(settings.contact_check_seconds, settings.too_old_seconds)
    pace = Pace(settings.batch, settings.poll_seconds)
    feed = Feed(claims, Screening(stores, patience, now), limits, notes, pace)
    composer = _composer(settings)
    judgement = Judgement(_schedule(settings), stores.suppressions, now)
    delivery = Delivery(feed, composer, judgement, notes, settings.in_doubt)
    connections = _connections(server, composer.sender, settings)
    sender = Sender(feed, claims, delivery, connections, own_metrics)
    keeping = Keeping(stores, now, feed.wake, settings.too_old_seconds, own_metrics.count_ended)
    return Parts(stores, keeping, sender, outbox, limits, own_metrics)


def stores_in(database: Database, settings: NotifySettings) -> Stores:
    """Build the stores, for one process."""
    return Stores(
        MongoNotifications(database["notifications"], uuid4().hex),
        MongoContacts(database["contacts"], database["erasures"]),
        MongoStandings(database["standings"]),
        MongoSuppressions(database["suppressions"], settings.suppression_secret.get_secret_value()),
    )


def _limits(
    database: Database,
    settings: NotifySettings,
    metrics: NotifyMetrics,
    now: Callable[[], datetime],
) -> Limits:
    allowance = Allowance(settings.daily_limit, settings.limit_per_second)
    metrics.show_allowance(allowance)
    return Limits(MongoDailyCounts(database["days"]), allowance, now, metrics.count_held)


def _connections(server: MailServer, sender: str, settings: NotifySettings) -> list[SmtpConnection]:
    return [
        SmtpConnection(server, sender, settings.send_seconds) for _ in range(settings.connections)
    ]


def _composer(settings: NotifySettings) -> Composer:
    enquiries = Enquiries(settings.enquiries_email, settings.enquiries_telephone)
    letters = Letters(enquiries, settings.answer_working_days)
    return Composer(letters, settings.sender, settings.enquiries_email)


def _schedule(settings: NotifySettings) -> RetrySchedule:
    return RetrySchedule(
        first_seconds=settings.first_retry_seconds,
        longest_seconds=settings.longest_retry_seconds,
        give_up_seconds=settings.give_up_seconds,
    )
