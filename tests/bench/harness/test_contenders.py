import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions

import pytest

from bench.harness import contender as contender_module
from bench.harness import installation
from bench.harness.contender import CONTENDERS, CONTENDERS_FOLDER, contender_named
from bench.harness.installation import NotRunError, install_contender

LOCKS = sorted(CONTENDERS_FOLDER.glob("*/requirements.lock"))
NAMES = {
    "ours",
    "faststream-per-message",
    "faststream-batches",
    "aiokafka-batches",
    "confluent-floor",
    "quix",
    "arroyo",
    "faust",
    "spring-batch",
    "franz-go",
}


def test_all_contenders_are_listed():
    assert {each.name for each in CONTENDERS} == NAMES


@pytest.mark.parametrize("contender", [c for c in CONTENDERS if c.toolchain == "python"])
def test_a_python_contender_has_a_script_and_a_lock_file(contender):
    assert (CONTENDERS_FOLDER / contender.name / "main.py").exists()
    assert CONTENDERS_FOLDER / contender.name / "requirements.lock" in LOCKS


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_a_lock_file_has_hashes_and_no_urls(lock):
    text = lock.read_text()
    requirements = re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)
    assert requirements
    assert text.count("--hash=sha256:") >= len(requirements)
    assert "://" not in text


def packages_that_work_imports() -> Iterator[str]:
    program = "import sys, bench.contenders.work; print(*{m.split('.')[0] for m in sys.modules})"
    resources = (
        "BENCH_TOPIC",
        "BENCH_GROUP",
        "BENCH_DATABASE",
        "BENCH_OUTPUT",
        "BENCH_DEAD_LETTERS",
    )
    environment = dict.fromkeys(("KAFKA_BOOTSTRAP_SERVERS", "MONGODB_URL", *resources), "-")
    done = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-c", program],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    distributions = packages_distributions()
    for module in done.stdout.split():
        yield from distributions.get(module, ())


@pytest.mark.parametrize("contender", [c for c in CONTENDERS if c.toolchain == "python"])
def test_the_lock_file_of_a_python_contender_has_all_packages_that_the_rules_import(contender):
    lock = (CONTENDERS_FOLDER / contender.name / "requirements.lock").read_text()
    locked = set(re.findall(r"^([a-z0-9_.-]+)==", lock, re.MULTILINE))
    imported = {name.lower().replace("_", "-") for name in packages_that_work_imports()}
    assert "pydantic" in imported
    assert imported - locked == {"cppp", "setuptools"}  # the project itself, and a hook of Python


def test_a_missing_toolchain_is_reported(monkeypatch):
    monkeypatch.setenv("PATH", "")
    for name in ("franz-go", "spring-batch"):
        with pytest.raises(NotRunError, match="is not installed"):
            install_contender(contender_named(name))


def test_a_failed_installation_is_reported_with_its_output(tmp_path, monkeypatch):
    monkeypatch.setattr(installation, "CONTENDERS_FOLDER", tmp_path)
    monkeypatch.setattr(contender_module, "BUILD_FOLDER", tmp_path)
    monkeypatch.setattr(installation, "BUILD_FOLDER", tmp_path)
    (tmp_path / "quix").mkdir()
    (tmp_path / "quix" / "requirements.lock").write_text("not a requirement\n")
    with pytest.raises(NotRunError, match="uv failed"):
        install_contender(contender_named("quix"))
