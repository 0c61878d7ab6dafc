"""The whole platform: the infrastructure and all services as one stack."""

from collections.abc import Mapping
from dataclasses import dataclass

from devstack.progress import show_download
from devstack.servers.addresses import Addresses, local_addresses
from devstack.servers.infrastructure import INFRASTRUCTURE_PORTS, infrastructure
from devstack.servers.monitoring import MONITORING_PORTS, monitoring, observed_by
from devstack.servers.registration import addresses_of_others, registered_port
from devstack.servers.service import own_settings, service, service_names
from devstack.stack.folder import StackFolder
from devstack.stack.ports import LOCALHOST
from devstack.stack.program import Program
from devstack.stack.stack import Stack


@dataclass(frozen=True)
class Platform:
    """The platform in one folder, with a port for each part."""

    folder: StackFolder
    ports: Mapping[str, int]

    @property
    def addresses(self) -> Addresses:
        """The addresses of Kafka, MongoDB and the mail sink."""
        return local_addresses(self.ports, self.folder.maildir)

    @property
    def service_urls(self) -> dict[str, str]:
        """The URL of each service, without a trailing slash."""
        return {name: f"http://{LOCALHOST}:{self.ports[name]}" for name in service_names()}

    @property
    def is_monitored(self) -> bool:
        """Whether Prometheus and Alertmanager have ports, so that they are part of the stack."""
        return self.ports.keys() >= {*MONITORING_PORTS}

    def service(self, name: str) -> Program:
        """Return one service."""
        others = addresses_of_others(name, self.ports)
        watching = observed_by(self.folder, self.ports)
        settings = {**others, **watching, **own_settings(name, self.folder)}
        return service(name, self.ports[name], self.addresses, settings)

    def stack(self) -> Stack:
        """Return everything as a stack, after downloading what is missing.

        Raises `StackError` if a part cannot be downloaded or does not run here.
        """
        self.folder.create()
        parts = infrastructure(self.folder, self.ports, show_download)
        watchers = monitoring(self.folder, self.ports) if self.is_monitored else []
        services = map(self.service, service_names())
        return Stack(self.folder, self.ports, [*parts, *services, *watchers])


def platform_parts(*, monitored: bool = False) -> dict[str, int]:
    """Return all parts that need a port, each with its default."""
    services = {name: registered_port(name) for name in service_names()}
    return {**INFRASTRUCTURE_PORTS, **services, **(MONITORING_PORTS if monitored else {})}
