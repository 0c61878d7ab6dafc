"""`make compose`: the files of all services in .env."""

import pytest

from devstack.compose_files import compose_files, write_environment

FILES = "docker-compose.yml:services/a/compose.yml:services/b/compose.yml"


@pytest.fixture
def root(tmp_path):
    for name in ("b", "a"):
        (tmp_path / "services" / name).mkdir(parents=True)
        (tmp_path / "services" / name / "compose.yml").touch()
    (tmp_path / "services" / "notes").mkdir()
    return tmp_path


def test_every_service_with_a_compose_file_is_named(root):
    assert write_environment(root) == f"COMPOSE_FILE={FILES}"
    assert (root / ".env").read_text() == f"COMPOSE_FILE={FILES}\n"


def test_other_lines_of_the_environment_stay(root):
    (root / ".env").write_text("INTAKE_ID_SECRET=a\nCOMPOSE_FILE=docker-compose.yml\nKAFKA_PORT=1")

    write_environment(root)
    write_environment(root)

    expected = f"INTAKE_ID_SECRET=a\nKAFKA_PORT=1\nCOMPOSE_FILE={FILES}\n"
    assert (root / ".env").read_text() == expected


def test_a_new_file_is_private_because_a_secret_is_added_to_it(root):
    write_environment(root)

    assert (root / ".env").stat().st_mode & 0o077 == 0


def test_an_override_file_comes_last_as_compose_reads_it(root):
    (root / "docker-compose.override.yml").touch()

    assert compose_files(root)[-1] == "docker-compose.override.yml"
