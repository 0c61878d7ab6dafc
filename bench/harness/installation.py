"""Builds contenders and installs their dependencies, each in a separate folder."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.harness.contender import (
    BUILD_FOLDER,
    CONTENDERS_FOLDER,
    SERVICES_ENVIRONMENT,
    Contender,
    virtual_environment,
)
from devstack.stack.program import PROJECT

_OUTPUT_LINES: Final = 3


class NotRunError(Exception):
    """A contender cannot be measured on this machine; the message says why."""


def install_contender(contender: Contender) -> None:
    """Build or install a contender, unless it is up to date.

    Raises:
        NotRunError: A toolchain is missing, or the installation fails.
    """
    BUILD_FOLDER.mkdir(parents=True, exist_ok=True)
    _INSTALLERS[contender.toolchain](contender.name)


def _install_service(_name: str) -> None:
    install_environment(PROJECT / "requirements.lock", virtual_environment(SERVICES_ENVIRONMENT))


def _install_script(name: str) -> None:
    install_environment(CONTENDERS_FOLDER / name / "requirements.lock", virtual_environment(name))


def install_environment(lock: Path, environment: Path) -> None:
    """Create a virtual environment with the packages of a lock file, unless it is up to date.

    Raises:
        NotRunError: A package cannot be installed.
    """
    uv = str(Path(sys.executable).with_name("uv"))
    python = str(environment / "bin" / "python")
    options = ("-q", "--require-hashes", "--only-binary=:all:")
    with _build_needed(environment / "installed", [lock]) as needed:
        if needed:
            _run_command(
                [uv, "venv", "-q", "--clear", "--no-project", "-p", sys.executable, environment]
            )
            _run_command([uv, "pip", "sync", "--python", python, *options, lock])


def _build_go(name: str) -> None:
    _require_program("go")
    _run_command(
        ["go", "build", "-mod=readonly", "-o", BUILD_FOLDER / "go" / name, "."],
        CONTENDERS_FOLDER / name,
    )


def _build_java(name: str) -> None:
    _require_program("java")
    _require_program("mvn")
    built = BUILD_FOLDER / "java" / name
    with _build_needed(
        built / "installed", sorted((CONTENDERS_FOLDER / name).rglob("*.*"))
    ) as needed:
        if needed:
            _run_command(
                ["mvn", "-q", "-B", f"-Dbench.build={built}", "clean", "package"],
                CONTENDERS_FOLDER / name,
            )


@contextmanager
def _build_needed(stamp: Path, sources: Sequence[Path]) -> Iterator[bool]:
    """Yield whether the sources have changed; `stamp` is written when the block succeeds."""
    text = b"".join(each.read_bytes() for each in sources)
    wanted = hashlib.sha256(text + sys.version.encode()).hexdigest()
    needed = not stamp.exists() or stamp.read_text() != wanted
    yield needed
    if needed:
        stamp.write_text(wanted)


_INSTALLERS: Final[Mapping[str, Callable[[str], None]]] = {
    "ours": _install_service,
    "service": _install_service,
    "python": _install_script,
    "go": _build_go,
    "java": _build_java,
}


def _require_program(program: str) -> None:
    if shutil.which(program) is None:
        msg = f"{program} is not installed"
        raise NotRunError(msg)


def _run_command(command: Sequence[str | Path], folder: Path | None = None) -> None:
    done = subprocess.run(  # noqa: S603 - our own command line
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        output = " ".join((done.stdout + done.stderr).strip().splitlines()[-_OUTPUT_LINES:])
        msg = f"{Path(command[0]).name} failed: {output}"
        raise NotRunError(msg)
