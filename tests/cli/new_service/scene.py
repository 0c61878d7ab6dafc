"""A new service, the load that flows meanwhile, and what the service made of it."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from pymongo import MongoClient

from tests.cli.new_service.bulk_load import BulkLoad
from tests.cli.new_service.project import Project
from tests.faults.load.ledger import Ledger
from tests.faults.load.plan import applications
from tests.faults.load.writer import Writer
from tests.kafka import KafkaClient
from tests.waiting import eventually

NAME = "journal"
TOPIC = "intake.applications.v1"
_LOAD_SECONDS = 90.0
Load = BulkLoad | Writer


class Scene:
    """The service `journal`, made in a copy of this project and running on a test's servers."""

    def __init__(self, project: Project, addresses: Any, start: Any, mongo: Any) -> None:
        self.project = project
        self.kafka = KafkaClient(addresses.kafka_bootstrap_servers)
        self.mongo = mongo
        self._servers = addresses.kafka_bootstrap_servers
        self._start = start
        self._ledger = Ledger()
        self._before = 0
        self._began = 0.0
        self._per_second = 0.0
        self._door: tuple[Any, str] | None = None

    def post_to(self, intake: Any, key: str) -> None:
        """Post every further load in bulk to this intake, instead of writing its events."""
        self._door = intake, key

    def make(self) -> None:
        self.project.new_service(NAME, "--reads", TOPIC, "--publishes", "--page")

    def start(self) -> Any:
        """Start a process of the service, as it is in the copy now."""
        return self._start(NAME, source=self.project.root)

    def load(self, count: int | None, per_second: float) -> Load:
        """Write events of so many applications in the background; by default until `finish`."""
        self._before, self._began = len(self._ledger.accepted), monotonic()
        load: Load
        if self._door:
            load = BulkLoad(*self._door, self._ledger, count, per_second)
        else:
            load = Writer(self._servers, self._ledger, applications(count), per_second)
        load.start()
        return load

    def wait_loaded(self, at_least: int) -> None:
        """Wait until so many events are written since the last load began."""
        eventually(
            lambda: self._loaded() >= at_least,
            within_seconds=_LOAD_SECONDS,
            because=f"the load is too slow; {self._ledger.errors}",
        )

    def finish(self, load: Load, at_least: int) -> None:
        """End the load once so many events are written, and wait until the service has read all."""
        self.wait_loaded(at_least)
        load.finish()
        load.join(_LOAD_SECONDS)
        self._per_second = self._loaded() / (monotonic() - self._began)
        self.wait_caught_up(NAME)

    def _loaded(self) -> int:
        """Count what was written since the last load began."""
        return len(self._ledger.accepted) - self._before

    def figures(self) -> dict[str, object]:
        """Return what the load was, and what the service made of it."""
        ids = {each.version.application_id for each in self._ledger.accepted}
        published = self._published({each.encode() for each in ids})
        noted = self._noted(ids)
        return {
            "applications/s": round(self._per_second),
            "events written": len(self._ledger.accepted),
            "events noted": noted,
            "lost": len(self._ledger.accepted) - noted,
            "doubled": len(published) - len(dict(published)),
        }

    def wait_caught_up(self, group: str) -> None:
        end = self.kafka.end(TOPIC)
        eventually(
            lambda: self.kafka.committed(group, TOPIC) >= end,
            within_seconds=_LOAD_SECONDS,
            because=f"{group} did not catch up",
        )

    def complaints(self) -> list[str]:
        """Compare what the service kept and published with all that was written."""
        written = [each.version for each in self._ledger.accepted]
        ids = {each.application_id for each in written}
        keys = {each.encode() for each in ids}
        published = self._published(keys)
        found = {
            "noted": self._noted(ids),
            "published": len(published),
            "published under ids of their own": len(dict(published)),
        }
        # What other tests have left on the topics may be no event at all, and is dead-lettered.
        dead = [each for each in self._on("dead-letters.v1") if each.key() in keys]
        return [
            *self._ledger.errors,
            *(f"{n} of {len(written)} {what}" for what, n in found.items() if n != len(written)),
            *(["there are dead letters"] if dead else []),
        ]

    def undecided(self) -> int:
        """Count the applications that the platform has not decided, or not told anybody about."""
        ids = {each.version.application_id for each in self._ledger.accepted}
        about = {"application_id": {"$in": list(ids)}}
        decided = {
            each
            for service in ("eligibility", "recognition")
            for each in self.mongo[service]["decisions"].distinct("application_id", about)
        }
        sent = self.mongo["notify"]["notifications"].distinct(
            "application_id", {**about, "about": {"$ne": "received"}, "state": "sent"}
        )
        return len(ids - (decided & set(sent)))

    def members_of(self, process: Any) -> int:
        """Count the members of a process, by the port in their client id."""
        members = self.kafka.members(NAME)
        return sum(f"-{process.port}" in each.client_id for each in members)

    def remove(self) -> None:
        """Delete what the service made in Kafka and MongoDB, as its README says."""
        if NAME in self.kafka.groups():
            self.kafka.delete_group(NAME)
        for topic in self._topics():
            self.kafka.delete_topic(topic)
        self.mongo.drop_database(NAME)
        eventually(lambda: not self._topics())

    def left(self) -> list[str]:
        """Name what is still there of the service."""
        databases = [each for each in self.mongo.list_database_names() if each == NAME]
        groups = [each for each in self.kafka.groups() if each == NAME]
        return [*databases, *groups, *self._topics(), *self.project.changes()]

    def _topics(self) -> list[str]:
        return [each for each in self.kafka.topics() if each.startswith(f"{NAME}.")]

    def _noted(self, ids: set[str]) -> int:
        notes = self.mongo[NAME]["notes"]
        return int(notes.count_documents({"application_id": {"$in": list(ids)}}))

    def _published(self, keys: set[bytes]) -> set[tuple[bytes, bytes]]:
        """Return event id and value of each event that the service has published about them."""
        notes = [each for each in self._on("notes.v1") if each.key() in keys]
        return {(dict(each.headers())["ce_id"], each.value()) for each in notes}

    def _on(self, topic: str) -> Iterable[Any]:
        return self.kafka.read(f"{NAME}.{topic}")


@contextmanager
def new_scene(project: Project, addresses: Any, start: Any) -> Iterator[Scene]:
    """Yield a scene in which nothing of the service is there; remove it at the end."""
    with MongoClient[dict[str, Any]](addresses.mongodb_url) as mongo:
        scene = Scene(project, addresses, start, mongo)
        scene.remove()
        yield scene


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process has had."""
    status = Path("/proc", str(pid), "status").read_text()
    [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kilobytes) * 1024
