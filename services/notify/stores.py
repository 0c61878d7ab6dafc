"""What is to be told, and whom to tell it: the two stores of this service."""

from dataclasses import dataclass

from services.notify.contacts import MongoContacts
from services.notify.store import MongoNotifications


@dataclass(frozen=True, slots=True)
class Stores:
    """Notifications and contacts, side by side in one database."""

    notifications: MongoNotifications
    contacts: MongoContacts
