"""The stores of this service."""

from dataclasses import dataclass

from services.notify.store.contacts import MongoContacts
from services.notify.store.lifecycles import MongoLifecycles
from services.notify.store.notifications import MongoNotifications
from services.notify.store.suppressions import MongoSuppressions


@dataclass(frozen=True, slots=True)
class Stores:
    """Notifications, contacts, lifecycles and suppressions in one database."""

    notifications: MongoNotifications
    contacts: MongoContacts
    lifecycles: MongoLifecycles
    suppressions: MongoSuppressions
