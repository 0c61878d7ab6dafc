"""Prometheus and Alertmanager with the files of `deploy/`, as programs."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from devstack.errors import StackError
from devstack.servers.service import answers_ok
from devstack.setup_debian import PACKAGES, advice, found, missing_packages
from devstack.stack.folder import StackFolder
from devstack.stack.ports import LOCALHOST
from devstack.stack.program import PROJECT, Program

DEPLOY = PROJECT / "deploy"
MONITORING_PORTS: Mapping[str, int] = {"prometheus": 9090, "alertmanager": 9094}
ON_CALL = "on-call@cppp.example"  # as in deploy/alertmanager/alertmanager.yml
RETENTION = ("--storage.tsdb.retention.time=35d", "--storage.tsdb.retention.size=5GB")
# Addresses are quoted in all files of deploy/: "<part>:<port>", as in docker-compose.yml.
_ADDRESS = re.compile(r'"([a-z-]+):\d+"')


def why_no_monitoring() -> str:
    """Return what to install so that `monitoring` can run; empty if nothing is missing."""
    missing = missing_packages()
    return advice(missing) if missing else ""


def monitoring(
    folder: StackFolder, ports: Mapping[str, int], deploy: Path = DEPLOY
) -> list[Program]:
    """Return Prometheus and Alertmanager, whose mails go to the mail sink.

    They run with copies of their files in `deploy`, in which each part is found by its port in
    `ports` instead of its host name.

    Raises `StackError` if one of them is not installed.
    """
    if reason := why_no_monitoring():
        raise StackError(reason)
    return [_alertmanager(folder, ports, deploy), _prometheus(folder, ports, deploy)]


def observed_by(
    folder: StackFolder, ports: Mapping[str, int], deploy: Path = DEPLOY
) -> dict[str, str]:
    """Return where services find each other's addresses, and Prometheus if it is part of `ports`.

    The addresses are those of the target files in `deploy`, with these ports.
    """
    targets = folder.run / "targets"
    _copy(deploy / "prometheus" / "targets", targets, ports)
    address = {"OPERATIONS_TARGETS": str(targets)}
    if port := ports.get("prometheus"):
        address["OPERATIONS_PROMETHEUS_URL"] = f"http://{LOCALHOST}:{port}"
    return address


def _prometheus(folder: StackFolder, ports: Mapping[str, int], deploy: Path) -> Program:
    settings, port = folder.run / "prometheus", ports["prometheus"]
    return Program(
        name="prometheus",
        command=(
            _program("prometheus", 0),
            "--enable-feature=exemplar-storage",
            f"--config.file={settings}/prometheus.yml",
            f"--storage.tsdb.path={folder.data}/prometheus",
            *RETENTION,
            *_listening_on(port),
        ),
        is_ready=lambda: answers_ok(port, "/-/ready"),
        prepare=lambda: _copy(deploy / "prometheus", settings, ports),
        stop_seconds=10,
    )


def _alertmanager(folder: StackFolder, ports: Mapping[str, int], deploy: Path) -> Program:
    settings, port = folder.run / "alertmanager", ports["alertmanager"]
    return Program(
        name="alertmanager",
        command=(
            _program("prometheus-alertmanager", 0),
            f"--config.file={settings}/alertmanager.yml",
            f"--storage.path={folder.data}/alertmanager",
            "--cluster.listen-address=",  # one instance: nothing to join
            *_listening_on(port),
        ),
        is_ready=lambda: answers_ok(port, "/-/ready"),
        prepare=lambda: _copy(deploy / "alertmanager", settings, ports),
    )


def _program(package: str, number: int) -> str:
    return str(found(*PACKAGES[package][number]))


def _listening_on(port: int) -> tuple[str, ...]:
    # Without a URL of its own, links in alerts would have the name of this machine.
    return (
        f"--web.listen-address={LOCALHOST}:{port}",
        f"--web.external-url=http://{LOCALHOST}:{port}/",
        "--log.level=warn",
    )


def _copy(source: Path, target: Path, ports: Mapping[str, int]) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("tests"))
    for path in target.rglob("*.yml"):
        path.write_text(_with_ports(path.read_text(), ports))


def _with_ports(text: str, ports: Mapping[str, int]) -> str:
    """Replace the address of every part that has a port here."""

    def replaced(address: re.Match[str]) -> str:
        port = ports.get(address[1])
        return f'"{LOCALHOST}:{port}"' if port else address[0]

    return _ADDRESS.sub(replaced, text)
