"""The very first command on a new machine: what it makes, and what it says if it cannot."""

import ast
import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from devstack.setup_advice import SetupError, advice_on_failure
from devstack.setup_venv import require_python
from devstack.stack.program import PROJECT

BACKEND = """\
import shutil
def build_editable(folder, config_settings=None, metadata_directory=None):
    return shutil.copy("project-1.0-py3-none-any.whl", folder).rpartition("/")[2]
"""
PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "project"
version = "1.0"
"""


def test_an_older_python_can_read_it_as_far_as_being_told():
    for name in ("__init__.py", "setup_advice.py", "setup_venv.py"):
        source = (PROJECT / "devstack" / name).read_text()

        ast.parse(source, feature_version=(3, 6))


@pytest.mark.parametrize("version", [(3, 6), (3, 10)])
def test_an_older_python_is_told(version):
    with pytest.raises(SetupError, match=r"python3\.11 or later is needed"):
        require_python(version)


def test_a_python_without_ensurepip_is_told(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if "ensure" in name else name)

    with pytest.raises(SetupError, match=r"lacks ensurepip: .*python3\.11-venv"):
        require_python((3, 11))


def test_it_installs_once_tells_that_there_is_no_network_and_completes_later(project):
    first = set_up(project)
    assert (first.returncode, first.stderr) == (0, "")
    assert can_import(project, "example")
    assert can_import(project, "project")

    second = set_up(project)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")

    other = make_wheel(project, "other")
    require(project, other)
    other.unlink()
    without_network = set_up(project)
    assert without_network.returncode == 1
    assert without_network.stderr.startswith("error: The packages cannot be downloaded: check the")
    assert without_network.stderr.count("\n") == 1
    assert str(project / ".venv" / "install.log") in without_network.stderr

    make_wheel(project, "other")
    completed = set_up(project)
    assert (completed.returncode, completed.stderr) == (0, "")
    assert "Making a virtual environment" in completed.stdout  # what was begun is not trusted
    assert can_import(project, "other")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "does not match its checksum"),
        ("WARNING: Retrying (Retry(total=0, connect=None", "check the network connection"),
        ("ERROR: [Errno 13] Permission denied: '/x'", "Permission denied"),
        ("noise\nERROR: the very cause\nnotice", "ERROR: the very cause"),
    ],
)
def test_pips_words_become_advice(said, advice):
    assert advice in advice_on_failure(said, Path("install.log"))


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project that needs one package, on a machine whose only index is its own folder."""
    (tmp_path / "devstack").mkdir()
    for name in ("__init__.py", "setup_advice.py", "setup_venv.py"):
        shutil.copy(PROJECT / "devstack" / name, tmp_path / "devstack" / name)
    (tmp_path / "backend.py").write_text(BACKEND)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    make_wheel(tmp_path, "project")
    require(tmp_path, make_wheel(tmp_path, "example"))
    nowhere = {"INDEX_URL": "http://127.0.0.1:9/", "RETRIES": "1", "TIMEOUT": "1"}
    for name, value in {**nowhere, "FIND_LINKS": str(tmp_path)}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    return tmp_path


def require(project: Path, wheel: Path) -> None:
    name = wheel.name.partition("-")[0]
    checksum = hashlib.sha256(wheel.read_bytes()).hexdigest()
    with (project / "requirements-dev.lock").open("a") as lock:
        lock.write(f"{name}==1.0 --hash=sha256:{checksum}\n")


def make_wheel(folder: Path, name: str) -> Path:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    about = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": "",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in {**files, f"{about}/RECORD": record}.items():
            wheel.writestr(zipfile.ZipInfo(file), text)  # no time: the same bytes each time
    return path


def set_up(project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "devstack.setup_venv"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)  # noqa: S603 - our own


def can_import(project: Path, name: str) -> bool:
    command = [project / ".venv" / "bin" / "python", "-c", f"import {name}"]
    return subprocess.run(command, cwd="/", check=False).returncode == 0  # noqa: S603 - our own
