"""A whole platform of a test's own, and all that can be seen of it from outside."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from devstack.platform.platform import Platform
from devstack.progress import show_download
from devstack.servers.infrastructure import INFRASTRUCTURE_PORTS, infrastructure
from devstack.servers.service import service_names
from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack
from devstack.testing.otlp import otlp_receiver, tracing_to
from shared.dead_letters.letter import PREFIX, readable
from tests.end_to_end.echoing_mail_server import EchoingMailServer
from tests.kafka import KafkaClient

OPENMETRICS = "application/openmetrics-text;version=1.0.0"
SETTINGS = {
    "intake": {"INTAKE_ACCEPT_SECONDS": "2", "MONGODB_WAIT_SECONDS": "1"},
    "notify": {
        "NOTIFY_POLL_SECONDS": "0.2",
        "NOTIFY_PROBE_SECONDS": "0.5",
        "NOTIFY_FIRST_RETRY_SECONDS": "1",
        "NOTIFY_CONTACT_CHECK_SECONDS": "1",
    },
    "operations": {"OPERATIONS_LOOK_SECONDS": "0.5"},
}
COMMANDS = {"notify": (sys.executable, "-m", "tests.end_to_end.unlucky_notify")}


@dataclass
class ObservedPlatform:
    """The platform with a mail server of its own; `seen` collects what was seen of it so far."""

    stack: Stack
    platform: Platform
    mail_server: EchoingMailServer
    kafka: KafkaClient
    spans_file: Path
    seen: dict[str, str] = field(default_factory=dict)

    def url(self, service: str) -> str:
        return self.platform.service_urls[service]

    def see(self, source: str, text: str) -> None:
        self.seen[source] = f"{self.seen.get(source, '')}{text}\n"

    def request(self, method: str, path: str, service: str = "intake", **more: Any) -> Any:
        """Send a request; what is wrong with it is answered, and seen."""
        url = f"{self.url(service)}{path}"
        answer = httpx.request(method, url, timeout=30, trust_env=False, **more)
        if answer.is_error:
            self.see(f"problems of {service}", f"{answer.headers}{answer.text}")
        return answer

    def look(self) -> None:
        """Look at the metrics of all services, and at the pages of `operations`."""
        for name in service_names():
            for accept in ("*/*", OPENMETRICS):
                text = self.request("GET", "/metrics", name, headers={"Accept": accept}).text
                self.see(f"metrics of {name}", text)
        for path in ("/", "/v1/overview", "/readyz"):
            self.see("operations", self.request("GET", path, "operations").text)

    def log(self, service: str) -> str:
        """Return what a service wrote to stdout and stderr."""
        return self.stack.log(service)

    def dead_letters(self, group: str) -> list[Mapping[str, str]]:
        """Return our headers of a group's dead letters."""
        return [
            {
                name: readable(value)
                for name, value in each.headers() or ()
                if name.startswith(PREFIX)
            }
            for each in self.kafka.read(f"{group}.dead-letters.v1")
        ]

    def sources(self) -> dict[str, str]:
        """Return all that was seen, with the logs and the dead letters as they are now."""
        logs = {f"log of {name}": self.log(name) for name in service_names()}
        spans = {"traces": self.spans_file.read_text()}
        groups = ("eligibility", "recognition", "notify", "reconciliation")
        letters = {f"dead letters of {each}": str(self.dead_letters(each)) for each in groups}
        return {**self.seen, **logs, **letters, **spans}


@contextmanager
def observed_platform(folder: Path) -> Iterator[ObservedPlatform]:
    """Start a platform; it ends with the block."""
    ports = free_ports([*INFRASTRUCTURE_PORTS, *service_names(), "otlp"])
    spans_file = folder / "spans.ndjson"
    platform = Platform(StackFolder(folder), ports)
    platform.folder.create()
    parts = [
        each
        for each in infrastructure(platform.folder, ports, show_download)
        if each.name != "mail"
    ]
    stack_ports = {name: port for name, port in ports.items() if name != "mail"}
    parts.append(otlp_receiver(spans_file, ports["otlp"]))
    stack = Stack(platform.folder, stack_ports, [*parts, *map(_service(platform), service_names())])
    mail_server = EchoingMailServer(ports["mail"])
    with mail_server.running(), stack:
        kafka = KafkaClient(platform.addresses.kafka_bootstrap_servers)
        yield ObservedPlatform(stack, platform, mail_server, kafka, spans_file)


def _service(platform: Platform) -> Any:
    def program(name: str) -> Any:
        plain = platform.service(name)
        tracing = tracing_to(platform.ports["otlp"])
        environment = {**plain.environment, **SETTINGS.get(name, {}), **tracing}
        return replace(plain, command=COMMANDS.get(name, plain.command), environment=environment)

    return program
