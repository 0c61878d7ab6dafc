import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions

import pytest

from bench.harness import contender as contender_module
from bench.harness import installation
from bench.harness.contender import CONTENDERS, FOLDER
from bench.harness.installation import NotRunError, set_up

LOCKS = sorted(FOLDER.glob("*/requirements.lock"))
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


def test_everybody_takes_part():
    assert {each.name for each in CONTENDERS} == NAMES


@pytest.mark.parametrize("contender", [c for c in CONTENDERS if c.toolchain == "python"])
def test_each_in_python_has_a_program_and_locked_packages(contender):
    assert (FOLDER / contender.name / "main.py").exists()
    assert FOLDER / contender.name / "requirements.lock" in LOCKS


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_a_lock_has_hashes_and_no_addresses(lock):
    text = lock.read_text()
    requirements = re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)
    assert requirements
    assert text.count("--hash=sha256:") >= len(requirements)
    assert "://" not in text


def packages_that_the_work_imports() -> Iterator[str]:
    program = "import sys, bench.contenders.work; print(*{m.split('.')[0] for m in sys.modules})"
    places = ("BENCH_TOPIC", "BENCH_GROUP", "BENCH_DATABASE", "BENCH_OUTPUT", "BENCH_DEAD_LETTERS")
    settings = dict.fromkeys(("KAFKA_BOOTSTRAP_SERVERS", "MONGODB_URL", *places), "-")
    done = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-c", program],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    known = packages_distributions()
    for module in done.stdout.split():
        yield from known.get(module, ())


@pytest.mark.parametrize("contender", [c for c in CONTENDERS if c.toolchain == "python"])
def test_each_in_python_has_every_package_that_the_rules_import(contender):
    lock = (FOLDER / contender.name / "requirements.lock").read_text()
    locked = set(re.findall(r"^([a-z0-9_.-]+)==", lock, re.MULTILINE))
    wanted = {name.lower().replace("_", "-") for name in packages_that_the_work_imports()}
    assert "pydantic" in wanted
    assert wanted - locked == {"cppp", "setuptools"}  # the product itself, and Python's own hook


def test_a_contender_whose_toolchain_is_missing_is_told_with_the_reason(monkeypatch):
    monkeypatch.setenv("PATH", "")
    for name in ("franz-go", "spring-batch"):
        (contender,) = [each for each in CONTENDERS if each.name == name]
        with pytest.raises(NotRunError, match="is not installed"):
            set_up(contender)


def test_a_contender_that_cannot_be_installed_is_told_with_what_was_said(tmp_path, monkeypatch):
    monkeypatch.setattr(installation, "FOLDER", tmp_path)
    monkeypatch.setattr(contender_module, "WORKPLACE", tmp_path)
    monkeypatch.setattr(installation, "WORKPLACE", tmp_path)
    (tmp_path / "quix").mkdir()
    (tmp_path / "quix" / "requirements.lock").write_text("this is no requirement\n")
    (contender,) = [each for each in CONTENDERS if each.name == "quix"]
    with pytest.raises(NotRunError, match="uv failed"):
        set_up(contender)
