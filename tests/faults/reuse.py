"""Servers that are emptied after a run and used by the next: Kafka takes seconds to start."""

import shutil
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from pymongo import MongoClient

from devstack.stack.folder import StackFolder
from devstack.stack.stack import Stack
from tests.faults.environment import (
    Environment,
    EnvironmentFactory,
    default_environment,
    temporary,
)
from tests.waiting import DEADLINE_SECONDS, eventually

_OF_MONGODB = {"admin", "config", "local"}
_ALREADY_GONE = {KafkaError.GROUP_ID_NOT_FOUND, KafkaError.UNKNOWN_TOPIC_OR_PART}


class ReusedServers:
    """Default environments: the servers of a run that ended without an error serve the next one.

    Every other environment is new for each run.
    """

    def __init__(self) -> None:
        self._running: AbstractContextManager[Environment] | None = None
        self._emptied: _Emptied | None = None

    @contextmanager
    def __call__(self, factory: EnvironmentFactory) -> Iterator[Environment]:
        """Provide an environment in which nothing has happened yet."""
        if factory is not default_environment:
            with temporary(factory) as environment:
                yield environment
            return
        emptied = self._emptied or self._start()
        try:
            yield emptied.environment
        except BaseException:
            self.close()
            raise
        try:
            emptied.empty()
        except Exception:  # noqa: BLE001 - the next run gets new servers, and loses only time
            self.close()

    def close(self) -> None:
        """Stop the servers, if they run."""
        running, self._running, self._emptied = self._running, None, None
        if running is not None:
            running.__exit__(None, None, None)

    def _start(self) -> "_Emptied":
        self._running = temporary(default_environment)
        self._emptied = _Emptied(self._running.__enter__())
        return self._emptied


class _Emptied:
    """An environment that can be made as it was when it had just started."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._folder: StackFolder = environment.stack.folder
        self._stack: Stack = environment.stack
        self._programs = frozenset(self._stack.states())
        self._files = self._files_now()

    def empty(self) -> None:
        """Remove the services, and everything that they and the run have left."""
        self._remove_services()
        self._empty_kafka()
        self._empty_mongodb()
        for each in self._files_now() - self._files:
            shutil.rmtree(each) if each.is_dir() else each.unlink()

    def _remove_services(self) -> None:
        services = self._stack.states().keys() - self._programs
        self._stack.remove_programs(*services)

    def _files_now(self) -> AbstractSet[Path]:
        """Return the files whose names are not the servers' own; data and logs of these stay."""
        new_mails = self._folder.maildir / "new"
        folders = (self._folder.root, self._folder.run, self._folder.logs, new_mails)
        return {path for folder in folders if folder.exists() for path in folder.iterdir()}

    def _empty_kafka(self) -> None:
        servers = self.environment.addresses.kafka_bootstrap_servers
        admin = AdminClient({"bootstrap.servers": servers})
        eventually(lambda: _without_groups(admin), because="a consumer group has members for ever")
        eventually(lambda: _without_topics(admin), because="a topic is not deleted")

    def _empty_mongodb(self) -> None:
        client: MongoClient[dict[str, Any]]
        with MongoClient(self.environment.addresses.mongodb_url) as client:
            for name in set(client.list_database_names()) - _OF_MONGODB:
                client.drop_database(name)


def _without_groups(admin: AdminClient) -> bool:
    """Delete all groups; one that was killed has members until their session has expired."""
    found = admin.list_consumer_groups().result(DEADLINE_SECONDS).valid
    names = [each.group_id for each in found]
    return not names or all(map(_is_done, admin.delete_consumer_groups(names).values()))


def _without_topics(admin: AdminClient) -> bool:
    found = admin.list_topics(timeout=DEADLINE_SECONDS).topics
    names = [each for each in found if not each.startswith("__")]
    if names:
        for each in admin.delete_topics(names).values():
            _is_done(each)
    return not names


def _is_done(future: Any) -> bool:
    try:
        future.result(DEADLINE_SECONDS)
    except KafkaException as error:
        code = error.args[0].code()
        if code not in {*_ALREADY_GONE, KafkaError.NON_EMPTY_GROUP}:
            raise
        return code in _ALREADY_GONE
    return True
