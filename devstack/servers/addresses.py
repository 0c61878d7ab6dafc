"""The addresses of the infrastructure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack.stack.ports import LOCALHOST


@dataclass(frozen=True)
class Addresses:
    """The addresses of Kafka, MongoDB and the mail server, and the Maildir with its mails."""

    kafka_bootstrap_servers: str
    mongodb_url: str
    smtp_url: str
    maildir: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which services connect to them."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka_bootstrap_servers,
            "MONGODB_URL": self.mongodb_url,
            "SMTP_URL": self.smtp_url,
        }


def local_addresses(ports: Mapping[str, int], maildir: Path) -> Addresses:
    """Return the addresses of an embedded stack on these ports."""
    return Addresses(
        kafka_bootstrap_servers=f"{LOCALHOST}:{ports['kafka']}",
        mongodb_url=f"mongodb://{LOCALHOST}:{ports['mongodb']}/?replicaSet=rs0",
        smtp_url=f"smtp://{LOCALHOST}:{ports['mail']}",
        maildir=maildir,
    )
