"""A MongoDB replica set of three members, so that a test can stop one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from devstack.errors import StackError
from devstack.servers.mongodb import replica_set_member
from devstack.stack.ports import LOCALHOST, accepts_connections
from devstack.stack.program import Program

MEMBERS = ("mongodb-1", "mongodb-2", "mongodb-3")
_CHECK_MILLISECONDS = 1000
_CACHE_GIGABYTES = 0.25  # the least that mongod takes
_STEPPED_DOWN_SECONDS = 30

Client = MongoClient[dict[str, object]]


@dataclass(frozen=True)
class ReplicaSet:
    """Three mongods, each with a folder in `data`, with MongoDB's default election timeouts."""

    data: Path
    ports: Mapping[str, int]

    @property
    def url(self) -> str:
        """The connection string, with all members."""
        hosts = ",".join(f"{LOCALHOST}:{self.ports[name]}" for name in MEMBERS)
        return f"mongodb://{hosts}/?replicaSet=rs0"

    @property
    def service_settings(self) -> dict[str, str]:
        """Settings with which services use it."""
        return {"MONGODB_URL": self.url}

    def programs(self) -> list[Program]:
        """Return the members as programs named by `MEMBERS`; they initiate themselves."""
        return [
            replica_set_member(
                name,
                self.data / name,
                self.ports[name],
                partial(self._is_ready, name),
                _CACHE_GIGABYTES,
            )
            for name in MEMBERS
        ]

    def primary(self) -> str | None:
        """Return the member that accepts writes; None while there is none."""
        return next((name for name in MEMBERS if self._hello(name).get("isWritablePrimary")), None)

    def step_down(self) -> str:
        """Make the primary step down and stay out of the next election; return its name.

        Raises `StackError` if there is no primary.
        """
        name = self.primary()
        if name is None:
            msg = "The replica set has no primary that could step down."
            raise StackError(msg)
        with _direct(self.ports[name], milliseconds=20_000) as client:
            client.admin.command("replSetStepDown", _STEPPED_DOWN_SECONDS)
        return name

    def _is_ready(self, name: str) -> bool:
        hello = self._hello(name)
        if hello and "setName" not in hello and name == MEMBERS[0]:
            self._initiate()
        takes_part = hello.get("isWritablePrimary") or hello.get("secondary")
        return bool(takes_part and hello.get("primary"))

    def _hello(self, name: str) -> Mapping[str, object]:
        """Send `hello` to a member; return an empty result if it does not respond."""
        if not accepts_connections(self.ports[name]):
            return {}
        try:
            with _direct(self.ports[name]) as client:
                return client.admin.command("hello")
        except PyMongoError:
            return {}

    def _initiate(self) -> None:
        members = [
            {"_id": number, "host": f"{LOCALHOST}:{self.ports[name]}"}
            for number, name in enumerate(MEMBERS)
        ]
        # Refused until all members respond: the next readiness check tries again.
        with suppress(PyMongoError), _direct(self.ports[MEMBERS[0]]) as client:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})


@contextmanager
def _direct(port: int, milliseconds: int = _CHECK_MILLISECONDS) -> Iterator[Client]:
    """Connect to one member, primary or secondary."""
    with Client(
        LOCALHOST,
        port,
        directConnection=True,
        serverSelectionTimeoutMS=_CHECK_MILLISECONDS,
        socketTimeoutMS=milliseconds,
    ) as client:
        yield client
