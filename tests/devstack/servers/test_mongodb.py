"""Which mongod is used, and the error if it does not run."""

from itertools import pairwise

import pytest

from devstack.errors import StackError
from devstack.servers.mongodb import mongod, mongodb


def program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_the_environment_names_another_mongod(tmp_path, monkeypatch):
    other = program(tmp_path / "other", "exit 0")
    monkeypatch.setenv("MONGOD", str(other))

    assert mongod() == other


@pytest.mark.parametrize(
    ("library", "package"),
    [("libssl.so.3", "libssl3"), ("libcrypto.so.3", "libssl3"), ("libcurl.so.4", "libcurl4")],
)
def test_a_missing_library_is_reported_with_its_package(tmp_path, monkeypatch, library, package):
    said = f"{library}: cannot open shared object file: No such file or directory"
    script = f"echo 'mongod: error while loading shared libraries: {said}' >&2; exit 127"
    monkeypatch.setenv("MONGOD", str(program(tmp_path / "mongod", script)))

    with pytest.raises(StackError, match=rf"needs the library {library}: .*install {package}`"):
        mongod()


def test_a_mongod_that_ends_at_once_is_reported(tmp_path, monkeypatch):
    monkeypatch.setenv("MONGOD", str(program(tmp_path / "mongod", "kill -ILL $$")))

    with pytest.raises(StackError, match="does not run: it exits at once"):
        mongod()


def test_a_mongod_that_is_not_there_is_reported(tmp_path, monkeypatch):
    monkeypatch.setenv("MONGOD", str(tmp_path / "absent"))

    with pytest.raises(StackError, match="cannot be run"):
        mongod()


def test_it_works_at_rest_only_for_what_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("MONGOD", str(program(tmp_path / "mongod", "exit 0")))

    command = mongodb(tmp_path / "data", {"mongodb": 27017}).command

    assert {value for option, value in pairwise(command) if option == "--setParameter"} == {
        "diagnosticDataCollectionEnabled=false",
        "minSnapshotHistoryWindowInSeconds=0",
    }
