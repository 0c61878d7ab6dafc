"""Builds the components of the service from its settings."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from services.notify.delivery.breaker import Breaker, BreakerTuning
from services.notify.delivery.claims import Claims
from services.notify.delivery.limits import SendLimits
from services.notify.delivery.outcomes import OutcomeWriter, Recording
from services.notify.delivery.preparation import Preparation
from services.notify.delivery.queue import JobQueue, PollSettings
from services.notify.delivery.recipients import RecipientResolver, ResolverSettings
from services.notify.delivery.sender import Judging, Sender
from services.notify.delivery.server_status import ServerStatus
from services.notify.handlers import NotificationHandler
from services.notify.mails.message import Composer
from services.notify.mails.rendering import Enquiries, Renderer
from services.notify.metrics import NotifyMetrics
from services.notify.rules import Allowance, RetrySchedule
from services.notify.settings import NotifySettings
from services.notify.smtp.connection import SmtpConnection
from services.notify.smtp.ehlo_name import ehlo_name
from services.notify.smtp.server_address import MailServer
from services.notify.store.contacts import MongoContacts
from services.notify.store.daily_counts import MongoDailyCounts
from services.notify.store.lifecycles import MongoLifecycles
from services.notify.store.notifications import MongoNotifications
from services.notify.store.stores import Stores
from services.notify.store.suppressions import MongoSuppressions
from shared.clock import utc_now
from shared.metrics import Metrics
from shared.mongo import Database
from shared.outbox.relay import Outbox, OutboxTuning
from shared.outbox.store import MongoOutbox

# Nobody waits for these events: few large batches cost Kafka and MongoDB least.
_PUBLISHING: Final = OutboxTuning(gather_seconds=0.25)


@dataclass(frozen=True, slots=True)
class Components:
    """The components of the service."""

    stores: Stores
    handler: NotificationHandler
    sender: Sender
    outbox: Outbox
    limits: SendLimits
    metrics: NotifyMetrics

    async def prepare(self) -> None:
        """Create all indexes; idempotent."""
        await self.stores.notifications.prepare()
        await self.outbox.store.prepare()

    async def watch(self, closing: asyncio.Event) -> None:
        """Update the gauges until `closing` is set."""
        waiting, begun_today = self.stores.notifications.waiting, self.limits.begun_today
        status = self.sender.status
        await self.metrics.watch(waiting, begun_today, lambda: status.kind, closing)


def build_components(
    database: Database,
    server: MailServer,
    settings: NotifySettings,
    metrics: Metrics,
    now: Callable[[], datetime] = utc_now,
) -> Components:
    """Build the components; nothing connects and nothing runs yet."""
    stores, own_metrics = stores_in(database, settings), NotifyMetrics(metrics)
    outbox = Outbox(MongoOutbox(database["notifications"]), metrics, now, _PUBLISHING)
    claims = Claims(stores.notifications, settings.claim_seconds, now)
    recording = Recording(settings.unrecorded, own_metrics.count_ended)
    outcomes = OutcomeWriter(stores, claims, outbox, now, recording)
    limits = _limits(database, settings, own_metrics, now)
    schedule, composer = _schedule(settings), _composer(settings)
    patience = ResolverSettings(settings.contact_check_seconds, settings.too_old_seconds)
    resolver = RecipientResolver(stores, patience, now)
    preparation = Preparation(resolver, composer, schedule, now)
    polling = PollSettings(settings.batch, settings.poll_seconds)
    queue = JobQueue(claims, preparation, limits, outcomes, polling)
    breaker = Breaker(_breaker_tuning(settings))
    judging = Judging(breaker, ServerStatus(breaker), schedule, now)
    connections = _connections(server, composer.sender, settings)
    sender = Sender(queue, outcomes, judging, connections, own_metrics)
    handler = NotificationHandler(
        stores, now, queue.wake, settings.too_old_seconds, own_metrics.count_ended
    )
    return Components(stores, handler, sender, outbox, limits, own_metrics)


def stores_in(database: Database, settings: NotifySettings) -> Stores:
    """Build the stores of one process."""
    return Stores(
        MongoNotifications(database["notifications"], uuid4().hex),
        MongoContacts(database["contacts"], database["erasures"]),
        MongoLifecycles(database["standings"]),
        MongoSuppressions(database["suppressions"], settings.suppression_secret.get_secret_value()),
    )


def _limits(
    database: Database,
    settings: NotifySettings,
    metrics: NotifyMetrics,
    now: Callable[[], datetime],
) -> SendLimits:
    allowance = Allowance(settings.daily_limit, settings.limit_per_second)
    metrics.show_allowance(allowance)
    return SendLimits(MongoDailyCounts(database["days"]), allowance, now, metrics.count_held)


def _connections(server: MailServer, sender: str, settings: NotifySettings) -> list[SmtpConnection]:
    name = ehlo_name(settings.ehlo_name, sender)
    return [SmtpConnection(server, sender, name) for _ in range(settings.connections)]


def _breaker_tuning(settings: NotifySettings) -> BreakerTuning:
    return BreakerTuning(
        in_a_row=settings.refused_in_a_row,
        first_probe_seconds=min(1.0, settings.probe_seconds),
        longest_probe_seconds=settings.probe_seconds,
        shown_seconds=max(600.0, 5 * settings.first_retry_seconds),
    )


def _composer(settings: NotifySettings) -> Composer:
    enquiries = Enquiries(settings.enquiries_email, settings.enquiries_telephone)
    renderer = Renderer(enquiries, settings.answer_working_days)
    return Composer(renderer, settings.sender, settings.enquiries_email)


def _schedule(settings: NotifySettings) -> RetrySchedule:
    return RetrySchedule(
        first_seconds=settings.first_retry_seconds,
        longest_seconds=settings.longest_retry_seconds,
        give_up_seconds=settings.give_up_seconds,
    )
