"""The backends that TEST_INFRA chooses from: where tests get Kafka, MongoDB and a mail server.

With each of them, mails arrive in a Maildir: tests read them there.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from devstack.errors import StackError
from devstack.progress import show_download
from devstack.servers.addresses import Addresses, local_addresses
from devstack.servers.infrastructure import INFRASTRUCTURE_PORTS, infrastructure
from devstack.servers.mail_sink import mail_sink
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack


def can_start_several() -> bool:
    """Return whether the chosen backend can start servers of its own for each worker."""
    return _chosen_name() != "external"


def chosen_backend(folder: StackFolder) -> AbstractContextManager[Addresses]:
    """Return the backend that the environment asks for; entering it starts what it needs.

    Raises `StackError` if there is no such backend.
    """
    backends = {"embedded": _embedded, "docker": _docker, "external": _external}
    name = _chosen_name()
    if name not in backends:
        msg = f"TEST_INFRA must be one of {', '.join(backends)}, not {name!r}."
        raise StackError(msg)
    return backends[name](folder)


def _chosen_name() -> str:
    return os.environ.get("TEST_INFRA", "embedded")


@contextmanager
def _embedded(folder: StackFolder) -> Iterator[Addresses]:
    ports = free_ports(INFRASTRUCTURE_PORTS)
    with Stack(folder, ports, infrastructure(folder, ports, show_download)):
        yield local_addresses(ports, folder.maildir)


@contextmanager
def _docker(folder: StackFolder) -> Iterator[Addresses]:
    from devstack.testing.containers import containers  # noqa: PLC0415 - only a test needs Docker's client

    ports = free_ports(INFRASTRUCTURE_PORTS)
    with containers(ports), _mail(folder, ports):
        yield local_addresses(ports, folder.maildir)


@contextmanager
def _external(folder: StackFolder) -> Iterator[Addresses]:
    given = {name: os.environ.get(name, "") for name in ("KAFKA_BOOTSTRAP_SERVERS", "MONGODB_URL")}
    missing = [name for name, value in given.items() if not value]
    if missing:
        msg = f"TEST_INFRA=external needs {' and '.join(missing)}."
        raise StackError(msg)
    with _external_mail(folder) as (smtp_url, maildir):
        yield Addresses(given["KAFKA_BOOTSTRAP_SERVERS"], given["MONGODB_URL"], smtp_url, maildir)


@contextmanager
def _external_mail(folder: StackFolder) -> Iterator[tuple[str, Path]]:
    """Use SMTP_URL and MAILDIR, the Maildir that it fills; without SMTP_URL start a mail sink."""
    smtp_url, maildir = os.environ.get("SMTP_URL"), os.environ.get("MAILDIR")
    if smtp_url and maildir:
        yield smtp_url, Path(maildir)
        return
    if smtp_url:
        msg = "TEST_INFRA=external with SMTP_URL needs MAILDIR, where its mails arrive."
        raise StackError(msg)
    ports = free_ports(INFRASTRUCTURE_PORTS)
    with _mail(folder, ports):
        yield local_addresses(ports, folder.maildir).smtp_url, folder.maildir


def _mail(folder: StackFolder, ports: dict[str, int]) -> Stack:
    return Stack(folder, {"mail": ports["mail"]}, [mail_sink(folder.maildir, ports)])
