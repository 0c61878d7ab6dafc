"""What is to be told, whom to tell it, and what puts an end to it: the stores of this service."""

from dataclasses import dataclass

from services.notify.contacts import MongoContacts
from services.notify.standings import MongoStandings
from services.notify.store import MongoNotifications


@dataclass(frozen=True, slots=True)
class Stores:
    """Notifications, contacts and standings, side by side in one database."""

    notifications: MongoNotifications
    contacts: MongoContacts
    standings: MongoStandings
