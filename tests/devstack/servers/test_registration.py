"""A service's own compose file says where it listens and which secrets it needs."""

import pytest

from devstack.errors import StackError
from devstack.servers.registration import (
    addresses_of_others,
    registered_port,
    required_secrets,
)

ENTRY = """
services:
  sample:
    environment:
      SMTP_URL: ${SMTP_URL:-smtp://mail:1025}
      SAMPLE_SECRET: ${SAMPLE_SECRET:?must be set}
      SAMPLE_OTHER_URL: http://other:8043
      SAMPLE_PUBLIC_URL: ${SAMPLE_PUBLIC_URL:-http://127.0.0.1:${OTHER_PORT:-8043}}
      SAMPLE_ELSEWHERE: http://elsewhere:9090
    ports: ["127.0.0.1:${SAMPLE_PORT:-8042}:8042"]
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "services" / "sample"
    folder.mkdir(parents=True)
    (folder / "compose.yml").write_text(ENTRY)
    return tmp_path


def test_its_port_and_secrets_are_those_of_its_compose_file(project):
    assert registered_port("sample", project) == 8042
    assert required_secrets("sample", project) == ["SAMPLE_SECRET"]


def test_addresses_of_other_services_have_the_ports_of_the_stack(project):
    other = ENTRY.replace("sample", "other").replace("SAMPLE", "OTHER").replace("8042", "8043")
    (project / "services" / "other").mkdir()
    (project / "services" / "other" / "compose.yml").write_text(other)

    ports = {"kafka": 31092, "sample": 31042, "other": 31043}
    assert addresses_of_others("sample", ports, project) == {
        "SAMPLE_OTHER_URL": "http://127.0.0.1:31043",
        "SAMPLE_PUBLIC_URL": "http://127.0.0.1:31043",
    }
    assert addresses_of_others("sample", {"sample": 31042}, project) == {}


@pytest.mark.parametrize(
    "ports",
    [
        "[]",
        '["8042:8042"]',
        '["127.0.0.1:${OTHER_PORT:-8042}:8042"]',
        '["127.0.0.1:${SAMPLE_PORT:-8042}:8043"]',
        '["127.0.0.1:${SAMPLE_PORT:-8042}:8042", "127.0.0.1:${SAMPLE_PORT:-8043}:8043"]',
    ],
)
def test_other_ports_are_refused(project, ports):
    text = ENTRY[: ENTRY.index("    ports:")] + f"    ports: {ports}\n"
    (project / "services" / "sample" / "compose.yml").write_text(text)

    with pytest.raises(StackError, match=r"services/sample/compose.yml: ports must be one"):
        registered_port("sample", project)


@pytest.mark.parametrize("text", ["", "services: {other: {}}", "services: [", None])
def test_a_missing_entry_is_reported(project, text):
    path = project / "services" / "sample" / "compose.yml"
    path.unlink() if text is None else path.write_text(text)

    with pytest.raises(
        StackError, match=r"services/sample/compose.yml must have an entry `sample`"
    ):
        registered_port("sample", project)
