"""Where services of a stack find each other: the target files of `deploy/`, with its ports."""

from devstack.servers.monitoring import observed_by
from services.operations.sources.settings import SourcesSettings
from services.operations.sources.targets import Target, read_targets

PORTS = {"intake": 31001, "notify": 31004}


def test_the_target_files_have_the_ports_of_the_stack(folder, monkeypatch):
    for name, value in observed_by(folder, PORTS | {"prometheus": 31090}).items():
        monkeypatch.setenv(name, value)

    settings = SourcesSettings()

    found = read_targets(settings.targets).found
    assert {Target(name, f"127.0.0.1:{port}") for name, port in PORTS.items()} <= {*found}
    assert settings.prometheus_url == "http://127.0.0.1:31090"


def test_without_prometheus_there_is_no_address_of_it(folder):
    assert "OPERATIONS_PROMETHEUS_URL" not in observed_by(folder, PORTS)
