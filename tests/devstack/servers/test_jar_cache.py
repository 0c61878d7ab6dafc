"""Kafka's jars: only intact ones are used, whatever happened before."""

import signal
import subprocess
import sys
import threading
from contextlib import nullcontext
from pathlib import Path

import pytest

from devstack.errors import StackError
from devstack.servers.jar_cache import checked_jars
from devstack.servers.jar_lock import Jar, locked_jars, sha256_of
from devstack.stack.program import PROJECT
from tests.devstack.conftest import use_repository


def fetch(jars, folder):
    return checked_jars(jars, folder, lambda _files: nullcontext(lambda _bytes: None))


@pytest.fixture
def jar(repository) -> Jar:
    return repository.publish("engine", b"wheels and steam" * 1000)


def test_a_missing_jar_is_fetched_once(repository, jar, tmp_path):
    (first,) = fetch([jar], tmp_path / "cache")
    (second,) = fetch([jar], tmp_path / "cache")

    assert first == second
    assert sha256_of(first) == jar.sha256
    assert repository.wanted.count("engine-1.0.jar") == 1


@pytest.mark.parametrize("damage", [b"", b"wheels", b"WHEELS and steam" * 1000])
def test_a_damaged_jar_is_fetched_again(jar, tmp_path, damage):
    (path,) = fetch([jar], tmp_path / "cache")
    path.write_bytes(damage)

    fetch([jar], tmp_path / "cache")

    assert sha256_of(path) == jar.sha256


def test_without_notes_every_jar_is_checked_and_intact_ones_stay(repository, jar, tmp_path):
    fetch([jar], tmp_path / "cache")
    (tmp_path / "cache" / "checked.json").write_text("not even JSON")

    fetch([jar], tmp_path / "cache")

    assert repository.wanted.count("engine-1.0.jar") == 1


def test_a_half_downloaded_jar_without_a_network_is_reported(jar, tmp_path, monkeypatch):
    (path,) = fetch([jar], tmp_path / "cache")
    path.write_bytes(b"wheels")
    use_repository(monkeypatch, tmp_path, port=9)  # nobody listens there

    with pytest.raises(StackError, match="check the network connection"):
        fetch([jar], tmp_path / "cache")


def test_an_altered_download_is_reported_and_not_used(repository, jar, tmp_path):
    repository.publish("engine", b"something else")

    with pytest.raises(StackError, match=r"org.example:engine:1.0 .* does not match its checksum"):
        fetch([jar], tmp_path / "cache")

    assert not (tmp_path / "cache" / jar.file_name).exists()


def test_a_jar_that_the_repository_does_not_have_is_reported(repository, tmp_path):
    absent = Jar("org.example:absent:1.0", "0" * 64)
    repository.root.mkdir(exist_ok=True)

    with pytest.raises(StackError, match=r"Kafka cannot be downloaded: .*absent"):
        fetch([absent], tmp_path / "cache")


def test_several_at_once_fetch_each_jar_once(repository, jar, tmp_path):
    at_once = [threading.Thread(target=fetch, args=([jar], tmp_path / "cache")) for _ in range(4)]

    for each in at_once:
        each.start()
    for each in at_once:
        each.join()

    assert sha256_of(tmp_path / "cache" / jar.file_name) == jar.sha256
    assert repository.wanted.count("engine-1.0.jar") == 1


def test_a_partial_download_of_a_killed_process_is_harmless(jar, tmp_path):
    code = (
        "import sys, time\n"
        "from contextlib import nullcontext\n"
        "from pathlib import Path\n"
        "from devstack.servers.jar_cache import checked_jars\n"
        "from devstack.servers.jar_lock import Jar\n"
        "dawdle = lambda _bytes: (print('in the middle', flush=True), time.sleep(600))\n"
        "checked_jars([Jar(*sys.argv[2:])], Path(sys.argv[1]), lambda _: nullcontext(dawdle))\n"
    )
    command = [sys.executable, "-c", code, tmp_path / "cache", jar.coordinate, jar.sha256]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)

    (path,) = fetch([jar], tmp_path / "cache")

    assert sha256_of(path) == jar.sha256
    assert not (tmp_path / "cache" / "partial").exists()


def test_a_cache_that_cannot_be_written_to_is_reported(jar):
    nobody_writes_there = Path("/proc/cppp")  # not even root

    with pytest.raises(StackError, match="XDG_CACHE_HOME"):
        fetch([jar], nobody_writes_there)


def test_a_cache_path_that_is_a_file_is_reported(jar, tmp_path):
    (tmp_path / "cache").write_text("a file")

    with pytest.raises(StackError, match="XDG_CACHE_HOME"):
        fetch([jar], tmp_path / "cache")


def test_the_lock_file_names_kafka_once_with_checksums_and_no_addresses():
    jars = locked_jars()

    names = [jar.coordinate.rpartition(":")[0] for jar in jars]
    assert len(names) == len(set(names))
    assert any(jar.coordinate == "org.apache.kafka:kafka_2.13:4.1.0" for jar in jars)
    assert any(jar.coordinate == "org.apache.kafka:kafka-clients:4.1.0" for jar in jars)


def test_a_damaged_lock_file_is_reported(tmp_path):
    (tmp_path / "lock").write_text("# comment\norg.example:engine:1.0 sha256:abc\n")

    with pytest.raises(StackError, match="damaged"):
        locked_jars(tmp_path / "lock")
